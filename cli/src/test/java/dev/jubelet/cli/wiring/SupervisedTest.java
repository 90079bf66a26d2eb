package dev.jubelet.cli.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SupervisedTest {
  @Test
  void beatsTwiceInTheTimeThatSystemdWaits() {
    assertThat(Supervised.interval(Map.of("WATCHDOG_USEC", "60000000", "WATCHDOG_PID", "7"), 7))
        .contains(Duration.ofSeconds(30));
    assertThat(Supervised.interval(Map.of("WATCHDOG_USEC", "60000000"), 7))
        .contains(Duration.ofSeconds(30));
  }

  @Test
  void doesNotBeatForAnotherProcessOrWithoutAWatchdog() {
    assertThat(Supervised.interval(Map.of(), 7)).isEmpty();
    assertThat(Supervised.interval(Map.of("WATCHDOG_USEC", "60000000", "WATCHDOG_PID", "8"), 7))
        .isEmpty();
    for (String no : new String[] {"", "0", "-1", "soon", "99999999999999999999"}) {
      assertThat(Supervised.interval(Map.of("WATCHDOG_USEC", no), 7)).as(no).isEmpty();
    }
  }
}
