package dev.jubelet.kubelet.runtime;

import java.time.Instant;
import java.util.Optional;

/// What came of one sync.
///
/// @param acted whether the runtime was asked to change anything
/// @param error the first thing that failed, with its subject; empty when nothing did
/// @param retryAt the earliest moment at which another try can end otherwise, when it is known
public record SyncOutcome(boolean acted, Optional<String> error, Optional<Instant> retryAt) {
  static final SyncOutcome NOTHING = new SyncOutcome(false, Optional.empty(), Optional.empty());

  static SyncOutcome failed(String error) {
    return new SyncOutcome(true, Optional.of(error), Optional.empty());
  }

  SyncOutcome and(SyncOutcome next) {
    return new SyncOutcome(
        acted || next.acted, error.or(() -> next.error), earliest(retryAt, next.retryAt));
  }

  private static Optional<Instant> earliest(Optional<Instant> a, Optional<Instant> b) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.or(() -> b);
    }
    return a.get().isBefore(b.get()) ? a : b;
  }
}
