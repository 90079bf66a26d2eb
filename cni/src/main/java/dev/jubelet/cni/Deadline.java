package dev.jubelet.cni;

import java.time.Duration;

/// One budget of time for all plugins of a call.
record Deadline(long endNanos) {
  static Deadline after(Duration budget) {
    return new Deadline(System.nanoTime() + budget.toNanos());
  }

  /// Never negative.
  Duration remaining() {
    return Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
  }
}
