package dev.jubelet.kubelet.runtime;

import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.runtime.plan.BackoffTable;
import dev.jubelet.kubelet.runtime.spec.PodDns;
import dev.jubelet.kubelet.status.WaitingReason;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// What one pod's worker remembers between two syncs and cannot read from the runtime.
public final class PodMemory {
  private final Map<String, WaitingReason> reasons = new ConcurrentHashMap<>();
  final PodImages images = new PodImages();
  private final Set<PodDns.Warning> told = ConcurrentHashMap.newKeySet();
  private volatile BackoffTable backoff;
  private Optional<TimeSpan> pulling = Optional.empty();

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

  /// From the begin of the first pull to the end of the last one; empty when nothing was pulled.
  public synchronized Optional<TimeSpan> pulling() {
    return pulling;
  }

  synchronized void pulled(TimeSpan pull) {
    pulling = Optional.of(pulling.map(pull::hull).orElse(pull));
  }

  /// Whether this is news: a pod is warned once, however often its sandbox is made anew.
  boolean tellsFirst(PodDns.Warning warning) {
    return told.add(warning);
  }

  /// The back-off after `observed` was seen at `now`.
  public BackoffTable backoff(PodStatus observed, Instant now) {
    backoff = backoff.seeing(observed, now);
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
