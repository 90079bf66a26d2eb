package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.kubelet.cri.PodLabels;
import dev.jubelet.kubelet.pod.FrozenPod;
import java.util.Map;
import java.util.TreeMap;

/// The labels by which sandboxes and containers are known as a pod's (upstream
/// `pkg/kubelet/types/labels.go`).
final class IdentityLabels {
  private IdentityLabels() {}

  /// The pod's own labels too; they cannot replace ours.
  static Map<String, String> ofSandbox(FrozenPod pod) {
    Map<String, String> labels = new TreeMap<>(pod.labels());
    labels.putAll(identity(pod));
    return labels;
  }

  static Map<String, String> ofContainer(FrozenPod pod, String containerName) {
    Map<String, String> labels = identity(pod);
    labels.put(PodLabels.CONTAINER_NAME, containerName);
    return labels;
  }

  private static Map<String, String> identity(FrozenPod pod) {
    Map<String, String> labels = new TreeMap<>();
    labels.put(PodLabels.POD_NAME, pod.name());
    labels.put(PodLabels.POD_NAMESPACE, pod.namespace());
    labels.put(PodLabels.POD_UID, pod.uid());
    return labels;
  }
}
