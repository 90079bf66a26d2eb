package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.kubelet.pod.FrozenPod;

/// The sandbox of a pod in CRI's terms. Pure.
public final class SandboxSpec {
  private SandboxSpec() {}

  /// @param attempt counts this pod's sandboxes from 0
  /// @throws SandboxConfigException naming what cannot be translated
  public static PodSandboxConfig of(FrozenPod pod, int attempt, NodeFacts node) {
    return PodSandboxConfig.getDefaultInstance();
  }
}
