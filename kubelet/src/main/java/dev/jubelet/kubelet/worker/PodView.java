package dev.jubelet.kubelet.worker;

import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.runtime.plan.BackoffTable;
import dev.jubelet.kubelet.status.WaitingReason;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// One pod as its worker sees it, for those who ask from outside.
///
/// @param pod empty for a pod of which only the runtime knows
/// @param removed whether no source wants it any more
/// @param status the API's view of it; empty when there is no spec, or before the first sync
/// @param waiting what the worker waits for between two turns
public record PodView(
    PodId id,
    Optional<FrozenPod> pod,
    PodStage stage,
    boolean ending,
    boolean removed,
    PodStatus observed,
    Optional<io.fabric8.kubernetes.api.model.PodStatus> status,
    Map<String, WaitingReason> reasons,
    BackoffTable backoff,
    Waiting waiting) {
  /// How the names of those spans begin that only say what the worker waits for.
  public static final String WAIT_SPAN = "wait for ";

  /// @param what a sentence's part: `waits for …`; empty when it waits for nothing
  /// @param nextTry when the worker looks again by itself
  /// @param lastError the last failure of a turn; empty after a good one
  public record Waiting(
      String what, Instant since, Optional<Instant> nextTry, Optional<String> lastError) {}

  /// Whether containers of it may run or come.
  public boolean active() {
    return stage == PodStage.SYNC || stage == PodStage.TERMINATING;
  }

  /// Pending, Running, Succeeded, Failed; empty before it is known.
  public String phase() {
    return status.map(s -> s.getPhase() == null ? "" : s.getPhase()).orElse("");
  }
}
