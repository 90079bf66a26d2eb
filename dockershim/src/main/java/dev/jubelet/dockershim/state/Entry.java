package dev.jubelet.dockershim.state;

import dev.jubelet.dockershim.docker.DockerApi.ContainerInspect;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.state.ContainerState.Seen;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What is known of one id. Marks are numbered: it is clean when the last finished inspect covers
/// the last mark. All methods are short; nothing waits for the engine while it holds the lock.
///
/// ```
///  clean ──mark──► dirty ──begin──► inspecting ──finish──► clean
///                    ▲                  │ mark meanwhile, or failure
///                    └──────────────────┘
/// ```
final class Entry {
  private static final int KILLED = 128 + 9;

  final String id;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long marks;
  private long covered;
  private long failedMark;
  private boolean refreshing;
  private boolean gone;
  private boolean outOfMemory;
  private @Nullable Moment inspectedFrom;
  private @Nullable Seen seen;
  private @Nullable DockerException failure;

  Entry(String id) {
    this.id = id;
  }

  /// Marks it dirty unless `since` is older than what an inspect has shown already; after a failure
  /// in any case, so that it is tried again now. Returns the mark that a reader has to wait for.
  Marked mark(Instant since) {
    return mark(since, Moment.now());
  }

  Marked mark(Instant since, Moment now) {
    lock.lock();
    try {
      boolean failed = failure != null && failedMark == marks;
      if (failed || isNews(since, now)) {
        marks++;
        changed.signalAll();
      }
      boolean start = marks > covered && !refreshing;
      refreshing |= start;
      return new Marked(marks, start);
    } finally {
      lock.unlock();
    }
  }

  /// `since` is the engine's stamp, MAX for a write of ours, MIN for nothing.
  private boolean isNews(Instant since, Moment now) {
    return inspectedFrom == null
        || since.equals(Instant.MAX)
        || (!since.equals(Instant.MIN) && !inspectedFrom.isSurelyAfter(since, now));
  }

  /// The next mark to inspect for; empty when it is clean, and the refresher must end.
  Optional<Long> begin() {
    lock.lock();
    try {
      if (marks == covered) {
        refreshing = false;
        return Optional.empty();
      }
      return Optional.of(marks);
    } finally {
      lock.unlock();
    }
  }

  /// A finished inspect that began at `from` for `mark`; empty `now` means that it is gone. Returns
  /// what it changed, or empty when something newer is known already.
  Optional<Step> finish(long mark, Moment from, @Nullable Seen now) {
    lock.lock();
    try {
      covered = Math.max(covered, mark);
      failure = null;
      changed.signalAll();
      if (inspectedFrom != null && from.isBefore(inspectedFrom)) {
        return Optional.empty();
      }
      Seen before = seen;
      inspectedFrom = from;
      seen = now == null ? null : named(now);
      gone = now == null;
      return Optional.of(new Step(before, seen));
    } finally {
      lock.unlock();
    }
  }

  /// The kernel killed a process of it for want of memory. The engine may forget that, or never be
  /// told: of an end by SIGKILL it is kept here.
  void ranOutOfMemory() {
    lock.lock();
    try {
      outOfMemory = true;
    } finally {
      lock.unlock();
    }
  }

  private Seen named(Seen now) {
    ContainerInspect inspect = now.inspect();
    boolean killed = outOfMemory && !inspect.running() && inspect.exitCode() == KILLED;
    return killed && !inspect.oomKilled() ? new Seen(inspect.asOomKilled(), now.readAt()) : now;
  }

  void failed(long mark, DockerException e) {
    lock.lock();
    try {
      failedMark = mark;
      failure = e;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// After a failure: waits until it is time to try again or a newer mark is set.
  void pause(long mark, long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && marks == mark) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits until `mark` is covered.
  ///
  /// @throws DockerException of the inspect that was to cover it, or a timeout
  Optional<Seen> awaitCovered(long mark, long end) throws DockerException, InterruptedException {
    lock.lock();
    try {
      while (covered < mark) {
        DockerException known = failure;
        if (known != null && failedMark >= mark) {
          throw known;
        }
        long left = end - System.nanoTime();
        if (left <= 0) {
          String text = "container " + id + " is not answered for: an inspect of it hangs";
          throw new DockerException("inspect_container", 0, text, true);
        }
        changed.awaitNanos(left);
      }
      return Optional.ofNullable(seen);
    } finally {
      lock.unlock();
    }
  }

  /// Waits until another inspect than `than` has finished, `end` at the latest; the state then.
  @SuppressWarnings("ReferenceEquality")
  Optional<Seen> awaitChange(@Nullable Seen than, long end) throws InterruptedException {
    lock.lock();
    try {
      while (seen == than && !gone) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          break;
        }
        changed.awaitNanos(left);
      }
      return Optional.ofNullable(seen);
    } finally {
      lock.unlock();
    }
  }

  /// The mark that a list has to wait for; 0 when the entry is clean.
  long pending() {
    lock.lock();
    try {
      return marks == covered ? 0 : marks;
    } finally {
      lock.unlock();
    }
  }

  Optional<Seen> seen() {
    lock.lock();
    try {
      return Optional.ofNullable(seen);
    } finally {
      lock.unlock();
    }
  }

  /// The engine said that it is not there, and no one has marked it since.
  boolean forgettable() {
    lock.lock();
    try {
      return gone && marks == covered;
    } finally {
      lock.unlock();
    }
  }

  record Marked(long mark, boolean startRefresh) {}

  /// Empty `before`: it was not known, or was gone; empty `after`: it is gone.
  record Step(@Nullable Seen before, @Nullable Seen after) {}
}
