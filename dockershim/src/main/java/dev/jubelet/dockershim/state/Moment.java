package dev.jubelet.dockershim.state;

import java.time.Duration;
import java.time.Instant;

/// A moment on both clocks. The monotonic one orders what we did ourselves; the host's compares
/// with the engine's stamps, as long as nobody set it in between.
record Moment(long nanos, Instant host) {
  private static final Duration MORE_THAN_SLEWING = Duration.ofSeconds(1);

  static Moment now() {
    return new Moment(System.nanoTime(), Instant.now());
  }

  boolean isBefore(Moment other) {
    return nanos - other.nanos < 0;
  }

  /// Whether what the engine stamped so surely happened before this moment, looked at `now`.
  boolean isSurelyAfter(Instant stamp, Moment now) {
    Duration set = Duration.between(host, now.host).minusNanos(now.nanos - nanos);
    return stamp.isBefore(host) && set.abs().compareTo(MORE_THAN_SLEWING) <= 0;
  }
}
