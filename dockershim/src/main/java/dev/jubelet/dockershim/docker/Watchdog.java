package dev.jubelet.dockershim.docker;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Closes connections at their deadlines, so that no call can hang: unix sockets have no read
/// timeout. One daemon thread for all calls.
final class Watchdog implements AutoCloseable {
  private final ScheduledThreadPoolExecutor timer;

  Watchdog() {
    timer = new ScheduledThreadPoolExecutor(
        1, Thread.ofPlatform().daemon().name("docker-deadlines").factory());
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /// Begins to watch; the connection is closed after `atMost` unless the watch is closed or
  /// extended.
  Watch watch(HttpConnection connection, Duration atMost) {
    Watch watch = new Watch(connection, atMost);
    watch.schedule();
    return watch;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  /// The deadline of one call.
  final class Watch implements AutoCloseable, Runnable {
    private final HttpConnection connection;
    private volatile long deadline;
    private volatile boolean fired;
    private volatile boolean done;
    private volatile java.util.concurrent.@org.jspecify.annotations.Nullable ScheduledFuture<?>
        task;

    private Watch(HttpConnection connection, Duration atMost) {
      this.connection = connection;
      extend(atMost);
    }

    /// Moves the deadline to `atMost` from now; takes effect at the latest when the old one is due.
    void extend(Duration atMost) {
      deadline = System.nanoTime() + atMost.toNanos();
    }

    /// True when the deadline, not the engine, ended the connection.
    boolean fired() {
      return fired;
    }

    private void schedule() {
      long left = Math.max(0, deadline - System.nanoTime());
      try {
        task = timer.schedule(this, left, TimeUnit.NANOSECONDS);
      } catch (java.util.concurrent.RejectedExecutionException e) {
        connection.close();
      }
    }

    @Override
    public void run() {
      if (done) {
        return;
      }
      if (deadline - System.nanoTime() > 0) {
        schedule();
        return;
      }
      fired = true;
      connection.close();
    }

    @Override
    public void close() {
      done = true;
      var scheduled = task;
      if (scheduled != null) {
        scheduled.cancel(false);
      }
    }
  }
}
