package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// `jubelet bench --soak` with 200 pods, 20 of them crash-looping; its default is 3 000.
class SoakTest {
  @Test
  void twoHundredPodsLeaveNothingBehind() throws Exception {
    try (Jubelet soak = Jubelet.start("bench", "--soak=200")) {
      assertThat(soak.await(900)).as("%s", soak).isZero();
      assertThat(soak.out())
          .contains("200 of 200 pods, 20 crash-looping")
          .contains("nothing leaks: 0 pods run")
          .contains("everything is as before");
    }
  }
}
