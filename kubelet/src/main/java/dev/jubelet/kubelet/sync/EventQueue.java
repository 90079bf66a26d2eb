package dev.jubelet.kubelet.sync;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Events in the order in which they came; one that waits already is not added again, so that the
/// queue never outgrows the number of pods.
final class EventQueue {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final LinkedHashSet<SyncEvent> events = new LinkedHashSet<>();

  void put(SyncEvent event) {
    lock.lock();
    try {
      events.add(event);
      filled.signal();
    } finally {
      lock.unlock();
    }
  }

  /// Empty when none came in that time.
  Optional<SyncEvent> take(Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = patience.toNanos();
      while (events.isEmpty() && left > 0) {
        left = filled.awaitNanos(left);
      }
      Iterator<SyncEvent> first = events.iterator();
      if (!first.hasNext()) {
        return Optional.empty();
      }
      SyncEvent event = first.next();
      first.remove();
      return Optional.of(event);
    } finally {
      lock.unlock();
    }
  }
}
