package dev.jubelet.kubelet.status;

import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.pod.FrozenPod;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All that a pod's API status is made of.
///
/// @param reasons by container name, from the last sync
/// @param previous the last status made or, after a restart, adopted
/// @param terminating the worker stops the pod and starts nothing any more
/// @param terminated all containers are seen gone or exited; the phase becomes final
/// @param overlay a phase reason of the agent itself (rejected at admission, deadline)
/// @param runtimeName prefix of container ids, such as `docker`
/// @param hostIps the node's addresses, primary first
/// @param startTime when the agent first saw the pod
public record StatusInput(
    FrozenPod pod,
    PodStatus observed,
    Map<String, WaitingReason> reasons,
    Optional<io.fabric8.kubernetes.api.model.PodStatus> previous,
    boolean terminating,
    boolean terminated,
    Optional<Overlay> overlay,
    String runtimeName,
    List<String> hostIps,
    Instant startTime,
    Instant now) {
  public StatusInput {
    reasons = Map.copyOf(reasons);
    hostIps = List.copyOf(hostIps);
  }

  /// Makes the phase Failed, whatever the containers say.
  public record Overlay(String reason, String message) {}
}
