package dev.jubelet.kubelet.worker;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Says that a pod takes much longer to end than its grace (upstream: `killPodNow`, 1.5 × the grace
/// and at least 10 s).
final class Overdue {
  private static final Duration LEAST = Duration.ofSeconds(10);

  private Overdue() {}

  static Duration patience(Duration grace) {
    Duration patience = grace.multipliedBy(3).dividedBy(2);
    return patience.compareTo(LEAST) < 0 ? LEAST : patience;
  }

  /// Runs `tell` when `stopped` is not done after that patience.
  static CompletableFuture<Void> after(
      CompletableFuture<Boolean> stopped, Duration grace, Runnable tell) {
    return within(stopped, patience(grace), tell);
  }

  static CompletableFuture<Void> within(
      CompletableFuture<Boolean> stopped, Duration patience, Runnable tell) {
    return stopped
        .copy()
        .completeOnTimeout(false, patience.toMillis(), TimeUnit.MILLISECONDS)
        .thenAccept(inTime -> {
          if (!inTime) {
            tell.run();
          }
        });
  }
}
