package dev.jubelet.dockershim.image;

import dev.jubelet.cri.v1.FilesystemIdentifier;
import dev.jubelet.cri.v1.FilesystemUsage;
import dev.jubelet.cri.v1.ImageFsInfoResponse;
import dev.jubelet.cri.v1.UInt64Value;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.ImageSummary;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.linux.KernelCalls;
import dev.jubelet.linux.MountEntry;
import dev.jubelet.linux.Mounts;
import dev.jubelet.linux.StatVfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// `ImageFsInfo`: the file system below DockerRootDir, by its mount point. Used bytes are those of
/// the images: what each has alone, and each shared part once as far as its size tells parts apart;
/// never more than the file system uses. Kept for 30 s: the engine walks its layers for it.
///
/// While the engine is away the last figures count (a kubelet does not start without an answer),
/// and a DockerRootDir that is not there yet is told by the nearest directory above it.
public final class ImageFsInfo {
  private static final Duration KERNEL = Duration.ofSeconds(10);
  private static final Duration KEPT = Duration.ofSeconds(30);

  private final DockerApi docker;
  private final Supplier<String> rootDir;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile @Nullable Answer last;
  private volatile long lastImageBytes;

  /// @param rootDir DockerRootDir as last known
  public ImageFsInfo(DockerApi docker, Supplier<String> rootDir) {
    this.docker = docker;
    this.rootDir = rootDir;
  }

  public ImageFsInfoResponse call() throws DockerException, IOException {
    Answer known = last;
    if (known != null && known.fresh()) {
      return known.response;
    }
    asking.lock();
    try {
      known = last;
      if (known == null || !known.fresh()) {
        known = ask();
        last = known;
      }
      return known.response;
    } finally {
      asking.unlock();
    }
  }

  private Answer ask() throws DockerException, IOException {
    Path root = Path.of(rootDir.get());
    Filesystem filesystem = KernelCalls.call("statvfs " + root, KERNEL, () -> filesystem(root));
    boolean answered = imageBytes();
    FilesystemUsage usage = FilesystemUsage.newBuilder()
        .setTimestamp(nanos(Instant.now()))
        .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(filesystem.mountPoint))
        .setUsedBytes(
            UInt64Value.newBuilder().setValue(Math.min(lastImageBytes, filesystem.usedBytes)))
        .setInodesUsed(UInt64Value.newBuilder().setValue(filesystem.usedInodes))
        .build();
    ImageFsInfoResponse response = ImageFsInfoResponse.newBuilder()
        .addImageFilesystems(usage)
        .addContainerFilesystems(usage)
        .build();
    return new Answer(response, answered ? System.nanoTime() : System.nanoTime() - KEPT.toNanos());
  }

  /// False when the engine is away and the last figure stays.
  private boolean imageBytes() throws DockerException {
    try {
      lastImageBytes = used(docker.listImages(Optional.empty(), true));
      return true;
    } catch (DockerException e) {
      if (e.isUnavailable()) {
        return false;
      }
      throw e;
    }
  }

  /// An engine that does not tell shared sizes gives −1.
  static long used(Collection<ImageSummary> images) {
    Set<Long> shared = new HashSet<>();
    long alone = 0;
    for (ImageSummary image : images) {
      long common = Math.clamp(image.sharedSize(), 0, image.size());
      alone += image.size() - common;
      shared.add(common);
    }
    return alone + shared.stream().mapToLong(Long::longValue).sum();
  }

  private static Filesystem filesystem(Path root) throws IOException {
    Path there = root;
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    Path real = there.toRealPath();
    StatVfs sizes = StatVfs.of(real);
    return new Filesystem(
        mountPoint(real, Mounts.table()),
        Math.max(0, sizes.totalBytes() - sizes.availableBytes()),
        Math.max(0, sizes.totalInodes() - sizes.freeInodes()));
  }

  /// The longest mount point that holds the path.
  static String mountPoint(Path path, List<MountEntry> table) {
    return table.stream()
        .map(MountEntry::target)
        .filter(path::startsWith)
        .max(java.util.Comparator.comparingInt(Path::getNameCount))
        .map(Path::toString)
        .orElse("/");
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }

  private record Filesystem(String mountPoint, long usedBytes, long usedInodes) {}

  private record Answer(ImageFsInfoResponse response, long at) {
    boolean fresh() {
      return System.nanoTime() - at < KEPT.toNanos();
    }
  }
}
