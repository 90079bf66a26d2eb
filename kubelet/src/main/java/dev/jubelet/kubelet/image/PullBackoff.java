package dev.jubelet.kubelet.image;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// How long a pod's image is not pulled again after a failure: 10 s, doubled up to 300 s, forgotten
/// when nothing failed for twice that.
final class PullBackoff {
  private static final Duration FIRST = Duration.ofSeconds(10);
  private static final Duration MAX = Duration.ofMinutes(5);

  /// @param error of the last pull
  record Entry(Duration delay, Instant failedAt, String error) {
    Instant retryAt() {
      return failedAt.plus(delay);
    }

    private boolean stale(Instant now) {
      return Duration.between(failedAt, now).compareTo(MAX.multipliedBy(2)) > 0;
    }
  }

  private record Key(String podUid, String image) {}

  private final Map<Key, Entry> entries = new ConcurrentHashMap<>();

  /// Present while the pod has to wait.
  Optional<Entry> waiting(String podUid, String image, Instant now) {
    return Optional.ofNullable(entries.get(new Key(podUid, image)))
        .filter(entry -> entry.retryAt().isAfter(now));
  }

  /// @return when to try again
  Instant failed(String podUid, String image, Instant now, String error) {
    entries.values().removeIf(entry -> entry.stale(now));
    return entries
        .compute(new Key(podUid, image), (key, last) -> {
          Duration delay = last == null ? FIRST : last.delay().multipliedBy(2);
          return new Entry(delay.compareTo(MAX) > 0 ? MAX : delay, now, error);
        })
        .retryAt();
  }

  void succeeded(String podUid, String image) {
    entries.remove(new Key(podUid, image));
  }

  void forget(String podUid) {
    entries.keySet().removeIf(key -> key.podUid().equals(podUid));
  }
}
