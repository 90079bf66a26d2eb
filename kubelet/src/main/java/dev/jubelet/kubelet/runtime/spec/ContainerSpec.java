package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;

/// A container in CRI's terms. Pure.
public final class ContainerSpec {
  private ContainerSpec() {}

  /// @throws CreateContainerConfigException naming what cannot be translated
  public static ContainerConfig of(
      FrozenPod pod, Container container, ContainerFacts facts, NodeFacts node) {
    return ContainerConfig.getDefaultInstance();
  }
}
