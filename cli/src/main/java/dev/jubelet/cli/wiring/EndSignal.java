package dev.jubelet.cli.wiring;

import dev.jubelet.cli.Signals;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Waits for SIGTERM, SIGINT or SIGHUP; the second one ends the process at once.
final class EndSignal {
  private static final int AT_ONCE = 130;

  private final CountDownLatch heard = new CountDownLatch(1);

  EndSignal() {
    Signals.onEnd(() -> {
      if (heard.getCount() == 0) {
        Runtime.getRuntime().halt(AT_ONCE);
      }
      heard.countDown();
    });
  }

  void await() throws InterruptedException {
    heard.await();
  }

  /// At most so long; true when it came.
  boolean await(Duration most) throws InterruptedException {
    return heard.await(most.toMillis(), TimeUnit.MILLISECONDS);
  }

  boolean heard() {
    return heard.getCount() == 0;
  }
}
