package dev.jubelet.kubelet.worker;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One slot in which the latest message wins, and a bell.
final class Mailbox<T> {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition rung = lock.newCondition();
  private @Nullable T message;
  private boolean bell;

  void put(T latest) {
    lock.lock();
    try {
      message = latest;
    } finally {
      lock.unlock();
    }
    ring();
  }

  /// Wakes without a message.
  void ring() {
    lock.lock();
    try {
      bell = true;
      rung.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Waits for the bell, at most `patience`; gives the message if there is one.
  @Nullable
  T await(Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = patience.toNanos();
      while (!bell && left > 0) {
        left = rung.awaitNanos(left);
      }
      bell = false;
      T taken = message;
      message = null;
      return taken;
    } finally {
      lock.unlock();
    }
  }
}
