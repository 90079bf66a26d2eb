package dev.jubelet.dockershim.stats;

import dev.jubelet.cri.v1.FilesystemIdentifier;
import dev.jubelet.cri.v1.FilesystemUsage;
import dev.jubelet.cri.v1.UInt64Value;
import dev.jubelet.linux.MountEntry;
import dev.jubelet.linux.Mounts;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How much running containers have written into their own layer: the upper directory of their
/// root's overlay, walked behind by one platform thread, no Docker call. A figure is at most a
/// minute old when somebody asks often; the first question has no answer yet.
final class WritableLayers {
  private static final Logger log = LoggerFactory.getLogger(WritableLayers.class);
  private static final Duration KEPT = Duration.ofMinutes(1);
  private static final Duration FORGOTTEN = Duration.ofMinutes(15);
  private static final int MOST_FILES = 500_000;

  private final UpperDir upperDir;
  private final Clock clock;
  private final ExecutorService walker = walker();
  private final Map<String, Figure> known = new ConcurrentHashMap<>();

  /// @param asked when a walk was last asked for
  private record Figure(Instant asked, Optional<FilesystemUsage> usage) {}

  WritableLayers(Clock clock) {
    this(WritableLayers::overlay, clock);
  }

  WritableLayers(UpperDir upperDir, Clock clock) {
    this.upperDir = upperDir;
    this.clock = clock;
  }

  /// Ends when it is idle.
  private static ExecutorService walker() {
    ThreadPoolExecutor pool = new ThreadPoolExecutor(
        1,
        1,
        10,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        Thread.ofPlatform().daemon().name("writable-layers").factory());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /// As last seen; empty before the first walk, for other storage than overlays and for layers of
  /// more files than can be counted.
  Optional<FilesystemUsage> of(String id, long pid) {
    Instant now = clock.instant();
    Figure figure = known.get(id);
    if (figure == null) { // of containers that ended
      known.values().removeIf(old -> old.asked().isBefore(now.minus(FORGOTTEN)));
    }
    // abs: the host's clock may have been set back since
    if (figure == null || Duration.between(figure.asked(), now).abs().compareTo(KEPT) > 0) {
      Optional<FilesystemUsage> last = figure == null ? Optional.empty() : figure.usage();
      known.put(id, new Figure(now, last));
      walker.execute(() -> look(id, pid));
    }
    return figure == null ? Optional.empty() : figure.usage();
  }

  private void look(String id, long pid) {
    Optional<FilesystemUsage> usage = Optional.empty();
    try {
      Optional<Path> upper = upperDir.of(pid);
      usage = upper.isPresent() ? walk(upper.get()) : usage;
    } catch (IOException e) {
      log.debug("the writable layer of container {} cannot be read: {}", id, e.toString());
    }
    known.put(id, new Figure(clock.instant(), usage));
  }

  private Optional<FilesystemUsage> walk(Path upper) throws IOException {
    Count count = new Count();
    Files.walkFileTree(upper, count);
    if (count.files > MOST_FILES) {
      return Optional.empty();
    }
    Optional<MountEntry> mount = Mounts.holding(upper);
    Instant now = clock.instant();
    return Optional.of(FilesystemUsage.newBuilder()
        .setTimestamp(TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano())
        .setFsId(FilesystemIdentifier.newBuilder()
            .setMountpoint(mount.map(m -> m.target().toString()).orElse("/")))
        .setUsedBytes(UInt64Value.newBuilder().setValue(count.bytes))
        .setInodesUsed(UInt64Value.newBuilder().setValue(count.files))
        .build());
  }

  private static Optional<Path> overlay(long pid) throws IOException {
    return Mounts.rootOf(pid).filter(root -> root.fsType().equals("overlay")).stream()
        .flatMap(root -> root.superOptions().stream())
        .filter(option -> option.startsWith("upperdir="))
        .map(option -> Path.of(option.substring("upperdir=".length())))
        .filter(Path::isAbsolute)
        .findFirst();
  }

  /// Files come and go meanwhile: what cannot be looked at is not counted.
  private static final class Count extends SimpleFileVisitor<Path> {
    private long bytes;
    private long files;

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      return count(0);
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      return count(attributes.isRegularFile() ? attributes.size() : 0);
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException gone) {
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(
        Path directory, @org.jspecify.annotations.Nullable IOException gone) {
      return FileVisitResult.CONTINUE;
    }

    private FileVisitResult count(long size) {
      bytes += size;
      files++;
      return files > MOST_FILES ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
    }
  }

  /// Where the container with this first process writes to.
  interface UpperDir {
    Optional<Path> of(long pid) throws IOException;
  }
}
