package dev.jubelet.kubelet.runtime.plan;

import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatus.ContainerStatus;
import dev.jubelet.kubelet.cri.PodStatus.State;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The crash-loop back-off of one pod's containers, a value: the first restart is at once, then the
/// delay doubles from `initial` to `max`, measured from the last exit. A container that lived for
/// twice `max` begins anew (upstream: client-go's flowcontrol.Backoff).
///
/// Its moments are of a clock that nobody sets. The runtime stamps exits with the host's clock,
/// which may be set between an exit and now, so an exit counts from when it was first seen.
///
/// @param entries by [#key]
/// @param ends when the end of a container was first seen, by its id
public record BackoffTable(
    Duration initial, Duration max, Map<String, Entry> entries, Map<String, Instant> ends) {
  /// Upstream's 10 s to 5 min.
  public static final BackoffTable EMPTY = of(Duration.ofSeconds(10), Duration.ofMinutes(5));

  public BackoffTable {
    entries = Map.copyOf(entries);
    ends = Map.copyOf(ends);
  }

  /// @param delay that the next restart has to keep from the exit before it
  /// @param since when this delay was set
  public record Entry(Duration delay, Instant since) {}

  /// Without any restart yet.
  public static BackoffTable of(Duration initial, Duration max) {
    return new BackoffTable(initial, max, Map.of(), Map.of());
  }

  /// A changed definition is another container: it starts without delay.
  public static String key(String container, String hash) {
    return container + "_" + hash;
  }

  /// This table when `observed` is seen at `now`.
  public BackoffTable seeing(PodStatus observed, Instant now) {
    Map<String, Instant> seen = new HashMap<>();
    for (ContainerStatus container : observed.containers()) {
      if (ended(container)) {
        seen.put(container.id(), ends.getOrDefault(container.id(), now));
      }
    }
    return new BackoffTable(initial, max, entries, seen);
  }

  /// When the container's end was first seen; empty while it may run.
  public Optional<Instant> end(ContainerStatus container) {
    return ended(container) ? Optional.ofNullable(ends.get(container.id())) : Optional.empty();
  }

  /// A container that is only created is one whose start failed: as good as ended.
  private static boolean ended(ContainerStatus container) {
    return container.state() == State.EXITED || container.state() == State.CREATED;
  }

  /// Until when a container that ended at `exited` has to wait; empty when it may start now.
  public Optional<Instant> heldUntil(String key, Instant exited, Instant now) {
    Entry entry = entries.get(key);
    if (entry == null || expired(entry, exited)) {
      return Optional.empty();
    }
    Instant until = exited.plus(entry.delay);
    return until.isAfter(now) ? Optional.of(until) : Optional.empty();
  }

  /// The delay now in force; zero when there is none.
  public Duration delay(String key) {
    Entry entry = entries.get(key);
    return entry == null ? Duration.ZERO : entry.delay;
  }

  /// This table after a restart, at `now`, of a container that ended at `exited`.
  public BackoffTable restarted(String key, Instant exited, Instant now) {
    Entry entry = entries.get(key);
    Duration delay = initial;
    if (entry != null && !expired(entry, exited)) {
      Duration doubled = entry.delay.multipliedBy(2);
      delay = doubled.compareTo(max) > 0 ? max : doubled;
    }
    Map<String, Entry> next = new HashMap<>(entries);
    next.put(key, new Entry(delay.compareTo(max) > 0 ? max : delay, now));
    return new BackoffTable(initial, max, next, ends);
  }

  private boolean expired(Entry entry, Instant exited) {
    return Duration.between(entry.since, exited).compareTo(max.multipliedBy(2)) > 0;
  }
}
