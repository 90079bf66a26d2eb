package dev.jubelet.dockershim.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class PodLocksTest {
  private final PodLocks locks = new PodLocks();

  @Test
  void oneSandboxWaitsForItselfAndNotForAnother() throws Exception {
    CountDownLatch holding = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Thread holder = Thread.ofVirtual().start(() -> {
      try {
        locks.with("a", Duration.ofSeconds(20), () -> {
          holding.countDown();
          release.await();
          return 1;
        });
      } catch (NetworkException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
    holding.await();

    assertThatThrownBy(() -> locks.with("a", Duration.ofMillis(20), () -> 2))
        .isInstanceOf(NetworkException.class)
        .hasMessageContaining("sandbox a is still under way");
    assertThat(locks.with("b", Duration.ofSeconds(20), () -> 3)).isEqualTo(3);

    release.countDown();
    assertThat(locks.with("a", Duration.ofSeconds(20), () -> 4)).isEqualTo(4);
    holder.join();
  }
}
