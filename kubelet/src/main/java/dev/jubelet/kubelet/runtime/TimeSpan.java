package dev.jubelet.kubelet.runtime;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/// From one moment to another; empty when the clock went back between them.
public record TimeSpan(Instant begin, Instant end) {
  public TimeSpan {
    end = end.isBefore(begin) ? begin : end;
  }

  /// The least span that holds both.
  public TimeSpan hull(TimeSpan other) {
    return new TimeSpan(
        begin.isBefore(other.begin) ? begin : other.begin,
        end.isAfter(other.end) ? end : other.end);
  }

  /// How much time all of them cover together; what two share counts once.
  public static Duration covered(List<TimeSpan> spans) {
    Duration sum = Duration.ZERO;
    Instant reached = Instant.MIN;
    for (TimeSpan span :
        spans.stream().sorted(Comparator.comparing(TimeSpan::begin)).toList()) {
      Instant from = span.begin.isAfter(reached) ? span.begin : reached;
      if (span.end.isAfter(from)) {
        sum = sum.plus(Duration.between(from, span.end));
        reached = span.end;
      }
    }
    return sum;
  }
}
