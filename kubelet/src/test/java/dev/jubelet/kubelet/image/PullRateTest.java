package dev.jubelet.kubelet.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PullRateTest {
  private static final long SECOND = 1_000_000_000;

  @Test
  void aBurstThenTheRate() {
    PullRate rate = new PullRate(2, 3, 0);
    for (int i = 0; i < 3; i++) {
      assertThat(rate.allows(0)).isTrue();
    }
    assertThat(rate.allows(0)).isFalse();
    assertThat(rate.allows(SECOND / 2)).isTrue();
    assertThat(rate.allows(SECOND / 2)).isFalse();
    for (int i = 0; i < 3; i++) {
      assertThat(rate.allows(60 * SECOND)).isTrue();
    }
    assertThat(rate.allows(60 * SECOND)).isFalse();
  }

  @Test
  void zeroIsNoLimit() {
    PullRate rate = new PullRate(0, 1, 0);
    for (int i = 0; i < 100; i++) {
      assertThat(rate.allows(0)).isTrue();
    }
  }
}
