package dev.jubelet.dockershim.docker;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/// Closes connections at their deadlines, so that no call can hang: unix sockets have no read
/// timeout. One daemon thread for all calls, that a call does not wake: mostly the next deadline
/// that it knows is nearer than the new one.
final class Watchdog implements AutoCloseable {
  private static final long NEVER = Long.MAX_VALUE;

  private final long origin = System.nanoTime();
  private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile long wakeAt = NEVER;
  private volatile boolean closed;

  Watchdog() {
    thread = Thread.ofPlatform().daemon().name("docker-deadlines").start(this::run);
  }

  /// Begins to watch; the connection is closed after `atMost` unless the watch is closed or
  /// extended.
  Watch watch(HttpConnection connection, Duration atMost) {
    Watch watch = new Watch(connection, atMost);
    watches.add(watch);
    if (watch.deadline < wakeAt) {
      LockSupport.unpark(thread);
    }
    if (closed) {
      connection.close();
    }
    return watch;
  }

  private void run() {
    while (!closed) {
      // A watch that comes during the look sees NEVER and wakes us again.
      wakeAt = NEVER;
      long now = now();
      long next = NEVER;
      for (Watch watch : watches) {
        if (watch.deadline <= now) {
          watch.fire();
        } else {
          next = Math.min(next, watch.deadline);
        }
      }
      wakeAt = next;
      LockSupport.parkNanos(this, next - now);
    }
  }

  private long now() {
    return System.nanoTime() - origin;
  }

  /// Ends what is under way.
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    watches.forEach(watch -> watch.connection.close());
  }

  /// The deadline of one call.
  final class Watch implements AutoCloseable {
    private final HttpConnection connection;
    private volatile long deadline;
    private volatile boolean fired;

    private Watch(HttpConnection connection, Duration atMost) {
      this.connection = connection;
      extend(atMost);
    }

    /// Moves the deadline to `atMost` from now, which must not be nearer than it was.
    void extend(Duration atMost) {
      deadline = now() + Math.max(0, atMost.toNanos());
    }

    /// True when the deadline, not the engine, ended the connection.
    boolean fired() {
      return fired;
    }

    private void fire() {
      fired = true;
      watches.remove(this);
      connection.close();
    }

    @Override
    public void close() {
      watches.remove(this);
    }
  }
}
