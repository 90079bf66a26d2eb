package dev.jubelet.kubelet.runtime.plan;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The crash-loop back-off of one pod's containers, a value: the first restart is at once, then the
/// delay doubles from `initial` to `max`, measured from the last exit. A container that lived for
/// twice `max` begins anew (upstream: client-go's flowcontrol.Backoff).
///
/// @param entries by [#key]
public record BackoffTable(Duration initial, Duration max, Map<String, Entry> entries) {
  /// Upstream's 10 s to 5 min.
  public static final BackoffTable EMPTY =
      new BackoffTable(Duration.ofSeconds(10), Duration.ofMinutes(5), Map.of());

  public BackoffTable {
    entries = Map.copyOf(entries);
  }

  /// @param delay that the next restart has to keep from the exit before it
  /// @param since when this delay was set
  public record Entry(Duration delay, Instant since) {}

  /// A changed definition is another container: it starts without delay.
  public static String key(String container, String hash) {
    return container + "_" + hash;
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
    return new BackoffTable(initial, max, next);
  }

  private boolean expired(Entry entry, Instant exited) {
    return Duration.between(entry.since, exited).compareTo(max.multipliedBy(2)) > 0;
  }
}
