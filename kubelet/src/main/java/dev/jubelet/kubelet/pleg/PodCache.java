package dev.jubelet.kubelet.pleg;

import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.cri.PodStatus;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What the runtime last said of each pod. A reader asks for an answer whose read began after a
/// moment of its own, so that it never sees the world before its own last action.
///
/// One read per pod at a time; what is marked during a read is read once more afterwards. Moments
/// are [System#nanoTime()], for the wall clock may go back.
public final class PodCache {
  /// Before every read.
  public static final long ANY = Long.MIN_VALUE;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Slot> slots = new HashMap<>();
  private final Source source;
  private long listedAt = ANY;
  private Instant listedTime = Instant.EPOCH;

  /// Who reads.
  interface Source {
    /// Begins a read on another thread, which ends in [PodCache#told] or [PodCache#failed].
    void read(PodId id);
  }

  PodCache(Source source) {
    this.source = source;
  }

  private static final class Slot {
    PodId id;

    @Nullable
    PodStatus status;

    @Nullable
    IOException error;

    long begun = ANY;
    long errorBegun = ANY;
    boolean reading;
    boolean dirty;
    boolean held;

    Slot(PodId id) {
      this.id = id;
    }
  }

  /// The latest answer, however old.
  public Optional<PodStatus> latest(String uid) {
    lock.lock();
    try {
      Slot slot = slots.get(uid);
      return slot == null ? Optional.empty() : Optional.ofNullable(slot.status);
    } finally {
      lock.unlock();
    }
  }

  /// The pods that the runtime holds something of, as last read.
  public Map<String, PodStatus> all() {
    lock.lock();
    try {
      Map<String, PodStatus> all = new HashMap<>();
      slots.forEach((uid, slot) -> {
        if (slot.status != null && !slot.status.isGone()) {
          all.put(uid, slot.status);
        }
      });
      return all;
    } finally {
      lock.unlock();
    }
  }

  /// An answer whose read began at `moment` or later; begins one when there is none.
  ///
  /// @throws IOException when that read failed, or took longer than `deadline`
  public PodStatus newerThan(PodId id, long moment, Duration deadline)
      throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      Slot slot = slots.get(id.uid());
      if (slot == null && listedAt != ANY && listedAt >= moment) {
        return PodStatus.none(id.uid(), id.name(), id.namespace(), listedTime);
      }
      slot = slots.computeIfAbsent(id.uid(), _ -> new Slot(id));
      return await(slot, moment, deadline);
    } finally {
      lock.unlock();
    }
  }

  private PodStatus await(Slot slot, long moment, Duration deadline)
      throws IOException, InterruptedException {
    long asked = System.nanoTime();
    long left = deadline.toNanos();
    while (true) {
      if (slot.status != null && slot.begun >= moment && slot.begun != ANY) {
        return slot.status;
      }
      if (slot.error != null && slot.errorBegun >= asked) {
        throw slot.error;
      }
      if (left <= 0) {
        throw new InterruptedIOException(
            "the runtime did not tell the status of pod " + slot.id + " within " + deadline);
      }
      if (!slot.reading) {
        begin(slot);
      } else {
        slot.dirty = true;
      }
      left = changed.awaitNanos(left);
    }
  }

  /// Something happened to this pod: read it, at once or after the read that is under way.
  void mark(PodId id) {
    lock.lock();
    try {
      Slot slot = slots.computeIfAbsent(id.uid(), _ -> new Slot(id));
      if (slot.reading || slot.held) {
        slot.dirty = true;
      } else {
        begin(slot);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Puts off the reads that events cause while the pod's worker is at it: it will want one
  /// afterwards, whatever happened.
  public void hold(PodId id) {
    lock.lock();
    try {
      slots.computeIfAbsent(id.uid(), _ -> new Slot(id)).held = true;
    } finally {
      lock.unlock();
    }
  }

  /// @param acted whether the worker changed something
  public void release(PodId id, boolean acted) {
    lock.lock();
    try {
      Slot slot = slots.computeIfAbsent(id.uid(), _ -> new Slot(id));
      slot.held = false;
      slot.dirty |= acted;
      if (slot.dirty && !slot.reading) {
        begin(slot);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Nobody cares for this pod any more.
  public void forget(String uid) {
    lock.lock();
    try {
      slots.remove(uid);
    } finally {
      lock.unlock();
    }
  }

  /// A full list, begun at `moment`, told which pods there are.
  void listed(long moment, Instant time) {
    lock.lock();
    try {
      listedAt = moment;
      listedTime = time;
    } finally {
      lock.unlock();
    }
  }

  private void begin(Slot slot) {
    slot.reading = true;
    slot.dirty = false;
    source.read(slot.id);
  }

  /// Says whether the answer differs from the one before.
  boolean told(PodId id, long begun, PodStatus status) {
    lock.lock();
    try {
      Slot slot = slots.get(id.uid());
      if (slot == null) {
        return false;
      }
      boolean differs = slot.status == null ? !status.isGone() : !status.sameAs(slot.status);
      slot.status = status;
      slot.begun = begun;
      slot.error = null;
      if (status.isGone() && !slot.held && !slot.dirty) {
        slots.remove(id.uid());
      }
      ended(slot);
      return differs;
    } finally {
      lock.unlock();
    }
  }

  void failed(PodId id, long begun, IOException error) {
    lock.lock();
    try {
      Slot slot = slots.get(id.uid());
      if (slot != null) {
        slot.error = error;
        slot.errorBegun = begun;
        ended(slot);
      }
    } finally {
      lock.unlock();
    }
  }

  private void ended(Slot slot) {
    slot.reading = false;
    if (slot.dirty && !slot.held) {
      begin(slot);
    }
    changed.signalAll();
  }
}
