package dev.jubelet.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PidFdTest {
  private static final int SIGTERM = 15;
  private static final int SIGKILL = 9;
  private Process sleep;

  @BeforeEach
  void start() throws Exception {
    sleep = new ProcessBuilder("sleep", "100").start();
  }

  @AfterEach
  void end() throws Exception {
    sleep.destroyForcibly().waitFor();
  }

  @Test
  void signalsThePinnedProcessAndSeesItGo() throws Exception {
    try (PidFd pinned = PidFd.open(sleep.pid())) {
      assertThat(pinned.alive()).isTrue();
      assertThat(pinned.awaitExit(Duration.ofMillis(5))).isFalse();
      pinned.signal(SIGTERM);
      assertThat(pinned.awaitExit(Duration.ofSeconds(20))).isTrue();
      assertThat(pinned.alive()).isFalse();
      sleep.waitFor();
      pinned.signal(SIGKILL); // reaped: nobody is meant, and that is no error
    }
    assertThat(sleep.exitValue()).isEqualTo(128 + SIGTERM);
  }

  @Test
  void killsByNumber() throws Exception {
    PidFd.kill(sleep.pid(), SIGKILL);
    assertThat(sleep.waitFor()).isEqualTo(128 + SIGKILL);
    PidFd.kill(sleep.pid(), SIGKILL);
    PidFd.killGroup(sleep.pid(), SIGKILL);
  }

  @Test
  void aProcessThatIsGoneCannotBePinned() throws Exception {
    long pid = sleep.pid();
    sleep.destroyForcibly().waitFor();
    assertThatThrownBy(() -> PidFd.open(pid)).hasMessageContaining("ESRCH");
  }

  @Test
  void initEverybodyAndOurOwnGroupAreRefused() {
    for (long pid : new long[] {1, 0, -1, -5, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> PidFd.kill(pid, 0)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> PidFd.killGroup(pid, 0))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> PidFd.open(pid)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
