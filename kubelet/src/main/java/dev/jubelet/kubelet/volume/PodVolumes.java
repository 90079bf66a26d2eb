package dev.jubelet.kubelet.volume;

import dev.jubelet.cri.v1.Mount;
import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/// The directories and volumes of pods under `<root>/pods`.
public final class PodVolumes {

  /// @param rootDir usually `/var/lib/kubelet`
  /// @param deadline of one file system step; what hangs longer is left behind and reported
  public PodVolumes(Path rootDir, Duration deadline) {}

  /// Makes the pod's directories and all its volumes ready; does nothing twice.
  ///
  /// @throws VolumeException names the volume; event `FailedMount`
  public void setUp(FrozenPod pod) throws VolumeException, InterruptedException {}

  /// The mounts of one container instance: volumes (subPaths included), `/etc/hosts`, and a fresh
  /// termination message file.
  ///
  /// @param expand expands `$(VAR)` of a subPathExpr
  /// @throws VolumeException waiting reason `CreateContainerConfigError`
  public List<Mount> containerMounts(
      FrozenPod pod, Container container, HostNames names, UnaryOperator<String> expand)
      throws VolumeException, InterruptedException {
    return List.of();
  }

  /// Unmounts and removes everything of a pod; call it when its containers are gone. Does nothing
  /// twice.
  public void tearDown(String uid) throws VolumeException, InterruptedException {}

  /// Tears down every pod on disk that is not in `wanted`; what fails is logged and tried next
  /// time.
  ///
  /// @return the UIDs removed
  public List<String> removeOrphans(Set<String> wanted) throws InterruptedException {
    return List.of();
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
