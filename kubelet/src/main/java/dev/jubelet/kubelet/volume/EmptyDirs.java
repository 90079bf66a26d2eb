package dev.jubelet.kubelet.volume;

import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.resource.PodResources;
import dev.jubelet.kubelet.resource.Quantities;
import dev.jubelet.linux.Mounts;
import io.fabric8.kubernetes.api.model.EmptyDirVolumeSource;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/// emptyDir volumes: a directory on disk, or a tmpfs for medium Memory.
final class EmptyDirs {
  private static final int OPEN_TO_ALL = 0777;
  private static final int SETGID = 02000;

  private EmptyDirs() {}

  /// Does nothing to a volume that is there: its content and mode are the pod's by now. After a
  /// reboot the disk's are still there and a tmpfs starts empty.
  static void setUp(
      FrozenPod pod, PodDirectories directories, String volume, EmptyDirVolumeSource source)
      throws IOException, VolumeException {
    Path directory = directories.emptyDir(volume);
    Path ready = directories.ready(volume);
    boolean memory = inMemory(volume, source);
    boolean there = Files.exists(ready)
        && Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
        && (!memory || Mounts.isMountPoint(directory));
    if (there) {
      return;
    }
    PodDirectories.makePrivate(directory);
    if (memory && !Mounts.isMountPoint(directory)) {
      Mounts.tmpfs(directory, size(pod, source), OPEN_TO_ALL);
    }
    own(pod, directory);
    PodDirectories.makeParent(ready);
    Files.write(ready, new byte[0]);
  }

  private static boolean inMemory(String volume, EmptyDirVolumeSource source)
      throws VolumeException {
    String medium = source.getMedium() == null ? "" : source.getMedium();
    return switch (medium) {
      case "" -> false;
      case "Memory" -> true;
      default ->
        throw new VolumeException(
            "volume %s: emptyDir.medium %s is not built yet, use \"\" or Memory"
                .formatted(volume, medium));
    };
  }

  private static long size(FrozenPod pod, EmptyDirVolumeSource source) {
    long limit = Quantities.value(source.getSizeLimit());
    long memory = PodResources.of(pod).memoryLimit();
    return limit == 0 || (memory > 0 && memory < limit) ? memory : limit;
  }

  private static void own(FrozenPod pod, Path directory) throws IOException {
    PodSecurityContext context = pod.object().getSpec().getSecurityContext();
    Long group = context == null ? null : context.getFsGroup();
    if (group != null) {
      Files.setAttribute(directory, "unix:gid", group.intValue(), LinkOption.NOFOLLOW_LINKS);
    }
    // the mode after the group: chown clears setgid
    Files.setAttribute(directory, "unix:mode", group == null ? OPEN_TO_ALL : OPEN_TO_ALL | SETGID);
  }
}
