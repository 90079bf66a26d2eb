package dev.jubelet.kubelet.worker;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/// Measures the turns of one worker, each by what upstream calls it. Belongs to the worker's
/// thread.
final class Turns {
  private final WorkerMetrics metrics;
  private final Instant seen;
  private final Clock clock;
  private boolean first = true;
  private boolean updated;
  private String kind = "";
  private long begun;

  Turns(WorkerMetrics metrics, Instant seen, Clock clock) {
    this.metrics = metrics;
    this.seen = seen;
    this.clock = clock;
  }

  /// The pod's spec is another since the last turn.
  void updated() {
    updated = true;
  }

  void begin(PodStage stage) {
    begun = System.nanoTime();
    kind = switch (stage) {
      case SYNC -> sync();
      case TERMINATING -> "kill";
      case TERMINATED, GONE -> "terminated";
    };
    updated = false;
  }

  private String sync() {
    if (first) {
      first = false;
      metrics.workerStarted(Duration.between(seen, clock.instant()));
      return "create";
    }
    return updated ? "update" : "sync";
  }

  void end() {
    metrics.turn(kind, begun);
  }
}
