package dev.jubelet.dockershim.gate;

import io.grpc.Context;
import io.grpc.Deadline;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// How much time the caller of the running RPC gives.
public final class CallDeadline {
  /// The kubelet's own per-call deadline, for callers that set none.
  private static final Duration DEFAULT = Duration.ofMinutes(2);

  private CallDeadline() {}

  /// What is left of it, never negative.
  public static Duration left() {
    return left(DEFAULT);
  }

  /// The shorter of what is left and `atMost`.
  public static Duration left(Duration atMost) {
    Deadline deadline = Context.current().getDeadline();
    if (deadline == null) {
      return atMost;
    }
    Duration left = Duration.ofNanos(Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS)));
    return left.compareTo(atMost) < 0 ? left : atMost;
  }
}
