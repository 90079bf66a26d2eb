package dev.jubelet.kubelet.volume;

import dev.jubelet.cri.v1.Mount;
import dev.jubelet.cri.v1.MountPropagation;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.linux.MountEntry;
import dev.jubelet.linux.Mounts;
import dev.jubelet.trace.Traces;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.opentelemetry.api.trace.Span;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The directories and volumes of pods under `<root>/pods`. Every step is idempotent and has a
/// deadline of its own; two pods share no lock.
public final class PodVolumes {
  private static final Logger LOG = LoggerFactory.getLogger(PodVolumes.class);
  private static final String ETC_HOSTS = "/etc/hosts";

  private final Path root;
  private final VolumeStep step;

  /// @param rootDir usually `/var/lib/kubelet`
  /// @param deadline of one file system step; what hangs longer is left behind and reported
  public PodVolumes(Path rootDir, Duration deadline) {
    this.root = rootDir.toAbsolutePath().normalize();
    this.step = new VolumeStep(deadline);
  }

  /// Makes the pod's directories and all its volumes ready; does nothing twice.
  ///
  /// @throws VolumeException names the volume; event `FailedMount`
  public void setUp(FrozenPod pod) throws VolumeException, InterruptedException {
    PodDirectories directories = PodDirectories.of(root, pod.uid());
    step.run("make directories of pod " + directories.pod(), directories::create);
    for (Volume volume : volumes(pod)) {
      String what = "set up " + described(volume) + " of pod " + pod.uid();
      Span.current().setAttribute(Traces.DETAIL, what);
      if (volume.getEmptyDir() != null) {
        step.run(
            what, () -> EmptyDirs.setUp(pod, directories, volume.getName(), volume.getEmptyDir()));
      } else if (volume.getHostPath() != null) {
        step.run(what, () -> HostPaths.check(volume.getName(), volume.getHostPath()));
      } else {
        throw notBuilt(volume.getName());
      }
    }
  }

  /// The mounts of one container instance: volumes (subPaths included), `/etc/hosts`, and a fresh
  /// termination message file.
  ///
  /// @param expand expands `$(VAR)` of a subPathExpr
  /// @throws VolumeException waiting reason `CreateContainerConfigError`
  public List<Mount> containerMounts(
      FrozenPod pod, Container container, HostNames names, UnaryOperator<String> expand)
      throws VolumeException, InterruptedException {
    PodDirectories directories = PodDirectories.of(root, pod.uid());
    List<Mount> mounts = new ArrayList<>();
    boolean ownHosts = false;
    List<VolumeMount> declared = declared(container);
    for (int i = 0; i < declared.size(); i++) {
      mounts.add(volumeMount(pod, container, declared.get(i), i, directories, expand));
      ownHosts |= declared.get(i).getMountPath().equals(ETC_HOSTS);
    }
    if (!ownHosts && HostsFile.needed(pod, names)) {
      step.run("write " + directories.hosts(), () -> writeHosts(pod, names, directories));
      mounts.add(ContainerMount.file(ETC_HOSTS, directories.hosts(), false));
    }
    String messagePath = container.getTerminationMessagePath();
    if (messagePath != null && !messagePath.isEmpty()) {
      mounts.add(messageMount(directories, container.getName(), messagePath));
    }
    return List.copyOf(mounts);
  }

  private Mount volumeMount(
      FrozenPod pod,
      Container container,
      VolumeMount mount,
      int index,
      PodDirectories directories,
      UnaryOperator<String> expand)
      throws VolumeException, InterruptedException {
    Volume volume = volume(pod, container, mount);
    boolean emptyDir = volume.getEmptyDir() != null;
    Path source;
    if (emptyDir) {
      source = directories.emptyDir(mount.getName());
    } else if (volume.getHostPath() != null) {
      source = Path.of(volume.getHostPath().getPath());
    } else {
      throw notBuilt(mount.getName());
    }
    Optional<String> subPath = subPath(mount, expand);
    Path hostPath = source;
    if (subPath.isPresent()) {
      Path target = directories.subPath(mount.getName(), container.getName(), index);
      step.run(
          "mount subPath %s of %s for container %s of pod %s"
              .formatted(subPath.get(), described(volume), container.getName(), pod.uid()),
          () -> SubPaths.mount(source, subPath.get(), target));
      hostPath = target;
    }
    Mount result = ContainerMount.of(mount, hostPath, emptyDir);
    if (result.getPropagation() == MountPropagation.PROPAGATION_BIDIRECTIONAL) {
      requireShared(mount, source);
    }
    return result;
  }

  private static Optional<String> subPath(VolumeMount mount, UnaryOperator<String> expand)
      throws VolumeException {
    boolean expression =
        mount.getSubPathExpr() != null && !mount.getSubPathExpr().isEmpty();
    String path = expression ? expand.apply(mount.getSubPathExpr()) : mount.getSubPath();
    if (path == null || path.isEmpty()) {
      return Optional.empty();
    }
    if (path.startsWith("/") || List.of(path.split("/")).contains("..")) {
      throw new VolumeException(
          "volume %s: subPath %s must stay below the volume: no leading slash, no .."
              .formatted(mount.getName(), path));
    }
    return Optional.of(path);
  }

  private void requireShared(VolumeMount mount, Path source)
      throws VolumeException, InterruptedException {
    step.run("look at the mount of " + source, () -> {
      Optional<MountEntry> holder = Mounts.holding(source);
      if (holder.isPresent() && !holder.get().shared()) {
        throw new VolumeException(
            "volume %s: mountPropagation Bidirectional needs a shared mount, and %s is private: run mount --make-rshared %s"
                .formatted(mount.getName(), holder.get().target(), holder.get().target()));
      }
    });
  }

  private static void writeHosts(FrozenPod pod, HostNames names, PodDirectories directories)
      throws IOException {
    String text = pod.hostNetwork()
        ? HostsFile.hostNetwork(pod, Files.readString(Path.of(ETC_HOSTS)))
        : HostsFile.managed(pod, names);
    overwrite(directories.hosts(), text.getBytes(StandardCharsets.UTF_8));
    Files.setPosixFilePermissions(
        directories.hosts(), PosixFilePermissions.fromString("rw-r--r--"));
  }

  /// In place: containers that run have this very file mounted. It is cut last, so that a full disk
  /// never leaves it empty.
  private static void overwrite(Path file, byte[] content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.truncate(content.length);
    }
  }

  private Mount messageMount(PodDirectories directories, String container, String messagePath)
      throws VolumeException, InterruptedException {
    String name = "%08x".formatted(ThreadLocalRandom.current().nextInt());
    Path file = directories.container(container).resolve(name);
    step.run("make the termination message file " + file, () -> {
      PodDirectories.makeParent(file);
      Files.createFile(file);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    });
    return ContainerMount.file(messagePath, file, false);
  }

  /// Unmounts and removes everything of a pod; call it when its containers are gone. Does nothing
  /// twice.
  ///
  /// @throws VolumeException when something that is not ours is mounted there, or the kernel
  /// refuses
  public void tearDown(String uid) throws VolumeException, InterruptedException {
    unmount(uid);
    removeDirectory(uid);
  }

  /// The first half of [#tearDown].
  public void unmount(String uid) throws VolumeException, InterruptedException {
    PodDirectories directories = PodDirectories.of(root, uid);
    for (Path mount : mountsBelow(directories)) {
      step.run("unmount " + mount, () -> Mounts.unmount(mount, false));
    }
  }

  /// The second half of [#tearDown]; refuses to go into what is still mounted.
  public void removeDirectory(String uid) throws VolumeException, InterruptedException {
    PodDirectories directories = PodDirectories.of(root, uid);
    step.run("remove " + directories.pod(), () -> TreeRemoval.remove(directories.pod()));
  }

  // the last mounted first; where two are stacked on one point it comes twice
  private List<Path> mountsBelow(PodDirectories directories)
      throws VolumeException, InterruptedException {
    List<Path> ours = new ArrayList<>();
    step.run("list the mounts of pod " + directories.pod(), () -> {
      for (MountEntry entry : Mounts.table().reversed()) {
        Path target = entry.target();
        if (!target.startsWith(directories.pod())) {
          continue;
        }
        if (!directories.isEmptyDir(target) && !target.startsWith(directories.subPaths())) {
          throw new VolumeException(
              "%s is mounted inside the pod's directory and not by us, unmount it"
                  .formatted(target));
        }
        ours.add(target);
      }
    });
    return ours;
  }

  /// The UIDs of all pods that have a directory here, which is the record that we made them.
  public Set<String> onDisk() throws InterruptedException {
    Set<String> uids = ConcurrentHashMap.newKeySet();
    Path pods = root.resolve("pods");
    try {
      step.run("list " + pods, () -> {
        if (Files.isDirectory(pods)) {
          try (Stream<Path> list = Files.list(pods)) {
            list.forEach(path -> uids.add(path.getFileName().toString()));
          }
        }
      });
    } catch (VolumeException e) {
      LOG.warn("Cannot list pod directories: {}", e.getMessage());
    }
    return uids;
  }

  private static Volume volume(FrozenPod pod, Container container, VolumeMount mount)
      throws VolumeException {
    return volumes(pod).stream()
        .filter(v -> v.getName().equals(mount.getName()))
        .findFirst()
        .orElseThrow(
            () -> new VolumeException("cannot find volume \"%s\" to mount into container \"%s\""
                .formatted(mount.getName(), container.getName())));
  }

  private static String described(Volume volume) {
    return volume.getHostPath() == null
        ? "volume " + volume.getName()
        : "volume %s (hostPath %s)"
            .formatted(volume.getName(), volume.getHostPath().getPath());
  }

  private static VolumeException notBuilt(String volume) {
    return new VolumeException(
        "volume %s: this type of volume is not built yet, use emptyDir or hostPath"
            .formatted(volume));
  }

  private static List<Volume> volumes(FrozenPod pod) {
    return orEmpty(pod.object().getSpec().getVolumes());
  }

  private static List<VolumeMount> declared(Container container) {
    return orEmpty(container.getVolumeMounts());
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }

  /// What the hosts file says about the pod itself.
  ///
  /// @param podIps primary first; unused for host-network pods
  /// @param domain "" without a subdomain
  public record HostNames(List<String> podIps, String hostname, String domain) {
    public HostNames {
      podIps = List.copyOf(podIps);
    }
  }
}
