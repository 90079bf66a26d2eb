package dev.jubelet.dockershim.network;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// One lock for each sandbox that is being worked on, so that set-up and tear-down of one never
/// overlap and those of different ones never wait for each other.
final class PodLocks {
  private final ConcurrentHashMap<String, Counted> locks = new ConcurrentHashMap<>();

  /// Runs `body` with the lock of this sandbox.
  ///
  /// @throws NetworkException when the lock is not free within `deadline`
  <T> T with(String sandboxId, Duration deadline, Body<T> body)
      throws NetworkException, InterruptedException {
    Counted counted =
        locks.compute(sandboxId, (id, old) -> (old == null ? new Counted() : old).plus(1));
    try {
      if (!counted.lock.tryLock(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new NetworkException(
            "another network operation of sandbox " + sandboxId + " is still under way");
      }
      try {
        return body.run();
      } finally {
        counted.lock.unlock();
      }
    } finally {
      locks.computeIfPresent(sandboxId, (id, now) -> now.plus(-1).users == 0 ? null : now);
    }
  }

  interface Body<T> {
    T run() throws NetworkException, InterruptedException;
  }

  private static final class Counted {
    private final ReentrantLock lock = new ReentrantLock();
    private int users;

    /// Only under the map's own lock of the key.
    Counted plus(int change) {
      users += change;
      return this;
    }
  }
}
