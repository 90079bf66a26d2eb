package dev.jubelet.kubelet.runtime.plan;

import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatus.Sandbox;
import dev.jubelet.kubelet.pod.FrozenPod;
import java.util.List;
import java.util.Optional;

/// Whether the pod's sandbox can be kept (upstream: PodSandboxChanged).
sealed interface SandboxVerdict {
  /// The one ready sandbox, as the spec wants it.
  record Usable(String sandboxId) implements SandboxVerdict {}

  /// A new one is needed; `attempt` counts this pod's sandboxes from 0.
  record Replace(Optional<String> oldSandboxId, int attempt, String why)
      implements SandboxVerdict {}

  static SandboxVerdict of(FrozenPod pod, PodStatus observed) {
    List<Sandbox> sandboxes = observed.sandboxes();
    if (sandboxes.isEmpty()) {
      return new Replace(Optional.empty(), 0, "no sandbox for pod can be found");
    }
    Sandbox newest = sandboxes.getFirst();
    if (sandboxes.stream().filter(Sandbox::ready).count() > 1) {
      return replace(newest, "multiple sandboxes are ready");
    }
    if (!newest.ready()) {
      return replace(newest, "the sandbox is not ready");
    }
    if (newest.hostNetwork() != pod.hostNetwork()) {
      return new Replace(
          Optional.empty(), newest.attempt() + 1, "the sandbox's network namespace mode changed");
    }
    if (!newest.hostNetwork() && newest.lostIp()) {
      return replace(newest, "the sandbox has no IP address");
    }
    return new Usable(newest.id());
  }

  private static Replace replace(Sandbox old, String why) {
    return new Replace(Optional.of(old.id()), old.attempt() + 1, why);
  }
}
