package dev.jubelet.cli.wiring;

import dev.jubelet.linux.SdNotify;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// What systemd is told of a process that serves: that it is ready, that it lives (where the
/// unit has a `WatchdogSec=`), and at its closing that it stops. Its life is the beat of a
/// virtual thread: it ends when no virtual thread gets a turn any more, and not while the
/// engine or a pod hangs, which a restart would not mend.
final class Supervised implements AutoCloseable {
  private final Optional<Thread> beat;

  private Supervised(Optional<Thread> beat) {
    this.beat = beat;
  }

  /// Call it once everything is served.
  static Supervised ready() {
    SdNotify.ready();
    return new Supervised(interval(System.getenv(), ProcessHandle.current().pid())
        .map(every -> Thread.ofVirtual().name("watchdog").start(() -> beat(every))));
  }

  /// Half of what systemd waits for (sd_watchdog_enabled(3)); empty when it does not wait for this
  /// process.
  static Optional<Duration> interval(Map<String, String> env, long pid) {
    String micros = env.getOrDefault("WATCHDOG_USEC", "");
    String of = env.getOrDefault("WATCHDOG_PID", Long.toString(pid));
    if (!micros.matches("[1-9][0-9]{0,15}") || !of.equals(Long.toString(pid))) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofNanos(Long.parseLong(micros) * 500));
  }

  private static void beat(Duration every) {
    try {
      while (true) {
        SdNotify.watchdog();
        Thread.sleep(every);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    SdNotify.stopping();
    beat.ifPresent(Thread::interrupt);
  }
}
