package dev.jubelet.kubelet.worker;

import dev.jubelet.kubelet.event.Events;
import dev.jubelet.kubelet.gc.PodGarbage;
import dev.jubelet.kubelet.pleg.PodCache;
import dev.jubelet.kubelet.runtime.PodKiller;
import dev.jubelet.kubelet.runtime.PodRuntime;
import dev.jubelet.kubelet.runtime.plan.BackoffTable;
import dev.jubelet.kubelet.status.ApiPodStatus;
import dev.jubelet.kubelet.status.StatusInput;
import dev.jubelet.trace.Traces;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// What every worker works with.
///
/// @param networkProblem why pods cannot be joined to a network now; empty when they can
/// @param runtimeName prefix of container ids
/// @param hostIps the node's addresses
/// @param backoff the empty table, with its limits
/// @param changed is told (must not block) whenever a pod's view is another
/// @param resync how often a pod without news is looked at
/// @param clock the host's, for what others read
/// @param steady nobody sets it: for turns and back-off
public record WorkerParts(
    PodRuntime runtime,
    PodKiller killer,
    PodGarbage garbage,
    PodCache cache,
    Events events,
    Traces traces,
    WorkerMetrics metrics,
    Supplier<Optional<String>> networkProblem,
    Supplier<String> runtimeName,
    Supplier<List<String>> hostIps,
    BackoffTable backoff,
    Runnable changed,
    Duration resync,
    Clock clock,
    Clock steady) {

  PodStatus status(StatusInput input) {
    return ApiPodStatus.of(input);
  }
}
