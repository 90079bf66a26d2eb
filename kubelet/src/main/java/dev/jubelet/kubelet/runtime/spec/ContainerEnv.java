package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import java.util.List;
import java.util.Map;

/// A container's environment in spec order. Pure.
public final class ContainerEnv {
  private ContainerEnv() {}

  /// @param podIps of the sandbox; the node's for host-network pods
  /// @throws CreateContainerConfigException naming the variable that cannot be resolved
  public static Map<String, String> of(
      FrozenPod pod, Container container, List<String> podIps, NodeFacts node) {
    return Map.of();
  }
}
