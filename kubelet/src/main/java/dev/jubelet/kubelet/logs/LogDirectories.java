package dev.jubelet.kubelet.logs;

import dev.jubelet.kubelet.pod.FrozenPod;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.Set;

/// `/var/log/pods` and the links in `/var/log/containers`.
public final class LogDirectories {

  public LogDirectories(Path podLogs, Path containerLinks, Duration deadline) {}

  /// `<pod logs>/<namespace>_<name>_<uid>`.
  public Path podDir(FrozenPod pod) {
    return Path.of(pod.uid());
  }

  /// Makes a container's log directory (0755); call it before CreateContainer.
  public void create(FrozenPod pod, String containerName) throws IOException {}

  /// The restart count that comes after the highest log file there; empty without any file. Used
  /// when the runtime lost a container's status.
  public OptionalInt nextRestartCount(FrozenPod pod, String containerName) throws IOException {
    return OptionalInt.empty();
  }

  /// Links `<pod>_<ns>_<container>-<id>.log` to the container's log; call it after StartContainer.
  /// Does nothing when there is no log file.
  public void link(FrozenPod pod, String containerName, String containerId, int restartCount)
      throws IOException {}

  /// Removes the link and log files (rotated ones too) of one dead container instance.
  public void removeContainerLog(
      String namespace,
      String podName,
      String uid,
      String containerName,
      String containerId,
      int restartCount)
      throws IOException {}

  /// Removes all logs of a pod and the links into them.
  public void removePod(String namespace, String podName, String uid) throws IOException {}

  /// Removes log directories of pods that are not in `wanted` (UIDs) and links that lead nowhere.
  public void removeOrphans(Set<String> wanted) throws IOException {}
}
