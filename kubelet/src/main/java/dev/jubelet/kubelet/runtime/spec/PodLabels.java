package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.kubelet.pod.FrozenPod;
import java.util.Map;
import java.util.TreeMap;

/// The labels by which sandboxes and containers are known as a pod's (upstream
/// `pkg/kubelet/types/labels.go`).
public final class PodLabels {
  public static final String POD_NAME = "io.kubernetes.pod.name";
  public static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
  public static final String POD_UID = "io.kubernetes.pod.uid";
  public static final String CONTAINER_NAME = "io.kubernetes.container.name";

  private PodLabels() {}

  /// The pod's own labels too; they cannot replace ours.
  static Map<String, String> ofSandbox(FrozenPod pod) {
    Map<String, String> labels = new TreeMap<>(pod.labels());
    labels.putAll(identity(pod));
    return labels;
  }

  static Map<String, String> ofContainer(FrozenPod pod, String containerName) {
    Map<String, String> labels = identity(pod);
    labels.put(CONTAINER_NAME, containerName);
    return labels;
  }

  private static Map<String, String> identity(FrozenPod pod) {
    Map<String, String> labels = new TreeMap<>();
    labels.put(POD_NAME, pod.name());
    labels.put(POD_NAMESPACE, pod.namespace());
    labels.put(POD_UID, pod.uid());
    return labels;
  }
}
