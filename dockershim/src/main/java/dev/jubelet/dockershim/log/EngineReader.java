package dev.jubelet.dockershim.log;

import dev.jubelet.dockershim.docker.DockerException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One `GET /containers/ID/logs?follow=1`: a virtual thread reads ahead into a bounded queue.
final class EngineReader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EngineReader.class);
  private static final int AHEAD_BYTES = 256 * 1024;
  private static final int LONGEST_PAUSE_SECONDS = 60;
  private static final int NOT_IMPLEMENTED = 501;
  private static final String NOT_READABLE = "does not support reading";

  private enum State {
    READS,
    /// The container is at its end, and so is its log.
    ENDED,
    /// There may be more: the connection broke, or the container ended while it was followed (the
    /// engine may then lose its last records for followers).
    BROKEN
  }

  private final EngineOutput engine;
  private final String containerId;
  private final Instant since;
  private final boolean dead;
  private final Duration pause;
  private final Runnable arrived;
  private final CountDownLatch begun = new CountDownLatch(1);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition taken = lock.newCondition();
  private final Deque<EngineRecord> queue = new ArrayDeque<>();
  private final Thread thread;
  private Instant last = Instant.EPOCH; // of the reading thread
  private int ahead;
  private State state = State.READS;
  private volatile boolean foundDead;
  private Optional<String> refusal = Optional.empty();

  /// Reads from `since` on, as soon as [#begin] was called.
  ///
  /// @param dead whether the container is known to have ended, so that the end of what is read is
  /// the end of its log
  /// @param failures how often in a row the connection broke before; with each the pause before
  /// the next grows
  EngineReader(
      EngineOutput engine,
      String containerId,
      Instant since,
      boolean dead,
      int failures,
      Runnable arrived) {
    this.engine = engine;
    this.containerId = containerId;
    this.since = since;
    this.dead = dead;
    this.pause = Duration.ofSeconds(
        failures == 0 ? 0 : Math.min(LONGEST_PAUSE_SECONDS, 1L << Math.min(failures - 1, 10)));
    this.arrived = arrived;
    this.thread = Thread.ofVirtual().name("log-" + containerId).unstarted(this::read);
  }

  EngineReader start() {
    thread.start();
    return this;
  }

  /// The container was started: before, the engine would say that its log has ended.
  void begin() {
    begun.countDown();
  }

  /// The next record; null when there is none at the moment.
  @Nullable
  EngineRecord poll() {
    lock.lock();
    try {
      EngineRecord next = queue.poll();
      if (next != null) {
        ahead -= next.bytes();
        taken.signal();
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  /// All was taken, and nothing will come any more.
  boolean ended() {
    return isAtEnd(State.ENDED);
  }

  /// All was taken, and another reader must go on.
  boolean broken() {
    return isAtEnd(State.BROKEN);
  }

  /// When it is [#broken]: whether that was the container's end.
  boolean foundDead() {
    return foundDead;
  }

  private boolean isAtEnd(State wanted) {
    lock.lock();
    try {
      return state == wanted && queue.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /// Once: why the engine cannot give back this container's output at all.
  Optional<String> tookRefusal() {
    lock.lock();
    try {
      Optional<String> was = refusal;
      refusal = Optional.empty();
      return was;
    } finally {
      lock.unlock();
    }
  }

  private void read() {
    try {
      begun.await();
      Thread.sleep(pause);
      engine.read(containerId, since, this::record);
      foundDead = !engine.runs(containerId);
      end(foundDead && dead ? State.ENDED : State.BROKEN, Optional.empty());
    } catch (DockerException e) {
      failed(e);
    } catch (InterruptedException e) {
      return; // closed
    }
    arrived.run();
  }

  private void failed(DockerException e) {
    String text = String.valueOf(e.getMessage());
    boolean unreadable = e.status() == NOT_IMPLEMENTED || text.contains(NOT_READABLE);
    if (unreadable || e.isNotFound()) {
      end(State.ENDED, unreadable ? Optional.of(text) : Optional.empty());
    } else {
      log.debug("reading the log of container {} again: {}", containerId, text);
      end(State.BROKEN, Optional.empty());
    }
  }

  private void end(State with, Optional<String> why) {
    lock.lock();
    try {
      state = with;
      refusal = why;
    } finally {
      lock.unlock();
    }
  }

  private void record(boolean stderr, byte[] bytes) throws IOException {
    for (EngineRecord record : EngineRecord.parse(stderr, bytes, last)) {
      last = record.time();
      if (put(record)) {
        arrived.run();
      }
    }
  }

  // True when nothing was waiting to be taken before.
  private boolean put(EngineRecord record) throws IOException {
    try {
      lock.lockInterruptibly();
      try {
        while (ahead > AHEAD_BYTES) {
          taken.await();
        }
        queue.add(record);
        ahead += record.bytes();
        return queue.size() == 1;
      } finally {
        lock.unlock();
      }
    } catch (InterruptedException e) {
      throw new ClosedByInterruptException();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
