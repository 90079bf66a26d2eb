package dev.jubelet.dockershim.gate;

import dev.jubelet.trace.Traces;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Lets only a few Docker creates and starts run at once: more than keep the cores busy only make
/// every pod late. Who waits is let in by rank, then by the arrival of its
/// *pod*, so that all of a pod comes before the next one. Nothing but one create or start call may
/// be made inside. When only a few pods wait for their first call more calls may run: the last ones
/// of a burst would leave the machine idle between their calls otherwise. Who holds a slot for long
/// lends it, so that one hung call delays nobody for good.
public final class StartGate {
  /// Who goes first: restarts of running pods and critical pods, then new pods.
  public enum Rank {
    FIRST,
    NORMAL
  }

  private static final int MAX_PODS = 4096;

  private final int permits;
  private final int wide;
  private final Duration lendAfter;
  private final Traces traces;
  private final ReentrantLock lock = new ReentrantLock();
  private final PriorityQueue<Ticket> waiting = new PriorityQueue<>();
  private final Map<String, Arrival> arrivals = new LinkedHashMap<>() {
    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Arrival> eldest) {
      return size() > MAX_PODS;
    }
  };
  private final Map<Ticket, Long> holders = new LinkedHashMap<>();
  private long pods;
  private long tickets;

  /// @param permits calls at once while more than `wide` pods wait for their first call
  /// @param wide calls at once otherwise
  /// @param lendAfter a call that takes longer lends its slot; `wide` slots are lent at most
  public StartGate(int permits, int wide, Duration lendAfter, Traces traces) {
    this.permits = permits;
    this.wide = wide;
    this.lendAfter = lendAfter;
    this.traces = traces;
  }

  /// Notes the arrival of a pod; its first call counts.
  public void arrived(String podUid) {
    lock.lock();
    try {
      arrival(podUid);
    } finally {
      lock.unlock();
    }
  }

  /// The pod is gone: a later one of the same uid queues anew.
  public void gone(String podUid) {
    lock.lock();
    try {
      arrivals.remove(podUid);
    } finally {
      lock.unlock();
    }
  }

  /// Runs `call` when a slot is free. Time in the queue is a span and counts against `deadline`.
  ///
  /// @throws TimeoutException when the caller's time was over before a slot was free
  public <T, X extends Exception> T pass(
      String podUid, Rank rank, Duration deadline, Traces.Body<T, X> call)
      throws X, InterruptedException, TimeoutException {
    Ticket ticket = enter(podUid, rank, deadline);
    try {
      return call.call();
    } finally {
      leave(ticket);
    }
  }

  private Arrival arrival(String podUid) {
    return arrivals.computeIfAbsent(podUid, uid -> new Arrival(pods++));
  }

  private Ticket enter(String podUid, Rank rank, Duration deadline)
      throws InterruptedException, TimeoutException {
    Instant since = Instant.now();
    long end = System.nanoTime() + deadline.toNanos();
    lock.lockInterruptibly();
    try {
      Arrival arrival = arrival(podUid);
      Ticket ticket = new Ticket(rank, arrival, tickets++, lock.newCondition());
      waiting.add(ticket);
      boolean queued = false;
      try {
        while (!mayEnter(ticket)) {
          queued = true;
          long left = end - System.nanoTime();
          if (left <= 0) {
            throw late(since);
          }
          ticket.turn.await(Math.min(left, untilLent()), TimeUnit.NANOSECONDS);
        }
      } finally {
        waiting.remove(ticket);
        wakeFirst();
      }
      arrival.begun = true;
      holders.put(ticket, System.nanoTime());
      wakeFirst();
      if (queued) {
        traces.past("wait", "start gate", since, Instant.now());
      }
      return ticket;
    } finally {
      lock.unlock();
    }
  }

  private TimeoutException late(Instant since) {
    return new TimeoutException("waited "
        + Duration.between(since, Instant.now()).toMillis()
        + " ms for a start slot: " + holders.size() + " Docker starts are under way");
  }

  private boolean mayEnter(Ticket ticket) {
    return ticket.equals(waiting.peek()) && holders.size() < slots() + lent();
  }

  private int slots() {
    long begins = waiting.stream().filter(ticket -> !ticket.arrival.begun).count();
    return begins > wide ? permits : wide;
  }

  /// How many holders are over their time. Not fewer because many pods wait: those that hang may
  /// have come in when few did.
  private int lent() {
    long now = System.nanoTime();
    long slow =
        holders.values().stream().filter(h -> now - h >= lendAfter.toNanos()).count();
    return (int) Math.min(slow, wide);
  }

  private long untilLent() {
    long now = System.nanoTime();
    return holders.values().stream()
        .mapToLong(h -> lendAfter.toNanos() - (now - h))
        .filter(left -> left > 0)
        .min()
        .orElse(Duration.ofSeconds(1).toNanos());
  }

  private void leave(Ticket ticket) {
    lock.lock();
    try {
      holders.remove(ticket);
      wakeFirst();
    } finally {
      lock.unlock();
    }
  }

  private void wakeFirst() {
    Ticket first = waiting.peek();
    if (first != null) {
      first.turn.signal();
    }
  }

  private static final class Arrival {
    private final long number;
    private boolean begun;

    Arrival(long number) {
      this.number = number;
    }
  }

  private record Ticket(Rank rank, Arrival arrival, long number, Condition turn)
      implements Comparable<Ticket> {
    @Override
    public int compareTo(Ticket other) {
      int byRank = rank.compareTo(other.rank);
      int byPod = byRank != 0 ? byRank : Long.compare(arrival.number, other.arrival.number);
      return byPod != 0 ? byPod : Long.compare(number, other.number);
    }
  }
}
