package dev.jubelet.dockershim.log;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The threads that move logs: two platform threads for all containers, ended when idle. One
/// that hangs in the kernel (a dead disk below a log directory) is made up for by another,
/// within bounds.
final class LogWorkers {
  private static final int USUAL = 2;
  private static final int MOST = 64;
  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long IDLE_SECONDS = 10;

  private final Map<Thread, Long> busySince = new ConcurrentHashMap<>();
  private final ThreadPoolExecutor pool = new ThreadPoolExecutor(
      USUAL,
      USUAL,
      IDLE_SECONDS,
      TimeUnit.SECONDS,
      new LinkedBlockingQueue<>(),
      Thread.ofPlatform().daemon().name("log-", 1).factory());

  LogWorkers() {
    pool.allowCoreThreadTimeOut(true);
  }

  void submit(Runnable turn) {
    pool.execute(() -> {
      busySince.put(Thread.currentThread(), System.nanoTime());
      try {
        turn.run();
      } finally {
        busySince.remove(Thread.currentThread());
      }
    });
  }

  /// Whether turns wait for a thread.
  boolean waiting() {
    return !pool.getQueue().isEmpty();
  }

  /// Adds a thread for each that hangs; to be called about once a second while turns wait.
  void relieve() {
    long now = System.nanoTime();
    int stuck = 0;
    for (long since : busySince.values()) {
      stuck += now - since > STUCK_NANOS ? 1 : 0;
    }
    int wanted = Math.min(MOST, USUAL + stuck);
    if (wanted > pool.getMaximumPoolSize()) {
      pool.setMaximumPoolSize(wanted);
      pool.setCorePoolSize(wanted);
    } else if (wanted < pool.getCorePoolSize()) {
      pool.setCorePoolSize(wanted);
      pool.setMaximumPoolSize(wanted);
    }
  }

  /// Ends after the turns that are queued, or after `millis`.
  void close(long millis) {
    pool.shutdown();
    try {
      if (!pool.awaitTermination(millis, TimeUnit.MILLISECONDS)) {
        pool.getQueue().clear();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
