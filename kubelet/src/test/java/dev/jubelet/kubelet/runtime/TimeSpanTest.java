package dev.jubelet.kubelet.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimeSpanTest {
  private static TimeSpan span(long from, long to) {
    return new TimeSpan(Instant.ofEpochSecond(from), Instant.ofEpochSecond(to));
  }

  @Test
  void sharedTimeCountsOnce() {
    assertThat(TimeSpan.covered(List.of())).isZero();
    assertThat(TimeSpan.covered(List.of(span(5, 9), span(0, 6), span(20, 21), span(1, 2))))
        .isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void aHullHoldsBothAndAClockThatWentBackMakesNothing() {
    assertThat(span(3, 4).hull(span(9, 12))).isEqualTo(span(3, 12));
    assertThat(TimeSpan.covered(List.of(span(9, 3)))).isZero();
  }
}
