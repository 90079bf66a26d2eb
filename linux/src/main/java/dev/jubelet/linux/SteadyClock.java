package dev.jubelet.linux;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/// A clock that nobody sets: it begins with the time of day and goes on with CLOCK_MONOTONIC. For
/// back-off, ages and turns, which must stay right when the host's clock is moved; what people and
/// other programs read is told by the host's clock.
public final class SteadyClock extends Clock {
  private final Instant begin = Instant.now();
  private final long origin = System.nanoTime();

  @Override
  public Instant instant() {
    return begin.plusNanos(System.nanoTime() - origin);
  }

  /// The moment of this clock that is as far away now as `then` is on `own`: for times that people
  /// read.
  public static Instant on(Clock other, Clock own, Instant then) {
    return other.instant().plus(Duration.between(own.instant(), then));
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("a steady clock has no zone");
  }
}
