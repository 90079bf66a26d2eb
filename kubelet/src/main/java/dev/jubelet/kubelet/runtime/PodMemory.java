package dev.jubelet.kubelet.runtime;

import dev.jubelet.kubelet.runtime.plan.BackoffTable;
import dev.jubelet.kubelet.status.WaitingReason;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What one pod's worker remembers between two syncs and cannot read from the runtime.
public final class PodMemory {
  private final Map<String, WaitingReason> reasons = new ConcurrentHashMap<>();
  final PodImages images = new PodImages();
  private volatile BackoffTable backoff;

  public PodMemory(BackoffTable backoff) {
    this.backoff = backoff;
  }

  /// Why containers wait, by name, as the last sync left it.
  public Map<String, WaitingReason> reasons() {
    return Map.copyOf(reasons);
  }

  public BackoffTable backoff() {
    return backoff;
  }

  void backoff(BackoffTable next) {
    backoff = next;
  }

  void waits(String container, WaitingReason reason) {
    reasons.put(container, reason);
  }

  void waitsNoMore(String container) {
    reasons.remove(container);
  }
}
