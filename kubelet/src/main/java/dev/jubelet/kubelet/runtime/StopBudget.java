package dev.jubelet.kubelet.runtime;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The time that the containers of one kill have left, together. When it shrinks, stops that were
/// begun with more are interrupted, to be begun again with less.
final class StopBudget implements AutoCloseable {
  private static final Duration LEAST = Duration.ofSeconds(2);

  private final Ending ending;
  private final Ending.Registration registration;
  private final Set<Thread> stopping = ConcurrentHashMap.newKeySet();
  private final Duration least;
  private long deadline;

  StopBudget(Duration own, Ending ending) {
    this.ending = ending;
    Duration first = ending.grace().filter(g -> g.compareTo(own) < 0).orElse(own);
    this.least = first.compareTo(LEAST) < 0 ? first : LEAST;
    this.deadline = System.nanoTime() + first.toNanos();
    this.registration = ending.listen(this::shrink);
  }

  /// Says how long a stop that begins now may take.
  Duration begin() {
    stopping.add(Thread.currentThread());
    return remaining();
  }

  void end() {
    stopping.remove(Thread.currentThread());
  }

  /// Whether a stop that began with `grace` was called off for a shorter one.
  boolean shrank(Duration grace) {
    return Thread.interrupted() && remaining().compareTo(grace) < 0;
  }

  private synchronized Duration remaining() {
    Duration left = Duration.ofNanos(deadline - System.nanoTime());
    Duration shortest = ending.grace().filter(g -> g.compareTo(least) < 0).orElse(least);
    return left.compareTo(shortest) < 0 ? shortest : left;
  }

  private void shrink() {
    if (ending.grace().isEmpty()) {
      return;
    }
    synchronized (this) {
      long wanted = System.nanoTime() + ending.grace().get().toNanos();
      if (wanted - deadline >= 0) {
        return;
      }
      deadline = wanted;
    }
    stopping.forEach(Thread::interrupt);
  }

  @Override
  public void close() {
    registration.close();
  }
}
