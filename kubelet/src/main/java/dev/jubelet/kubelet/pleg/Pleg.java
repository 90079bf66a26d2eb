package dev.jubelet.kubelet.pleg;

import dev.jubelet.cri.v1.ContainerEventResponse;
import dev.jubelet.cri.v1.ContainerEventType;
import dev.jubelet.kubelet.cri.CriException;
import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatusReader;
import dev.jubelet.kubelet.cri.RuntimeClient;
import dev.jubelet.kubelet.cri.RuntimeListing;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The pod life-cycle event generator: sees that something happened to a pod and has it read anew.
///
/// Container events of the runtime wake and carry no state; a list of everything proves that none
/// was lost: seldom while events come, every second for a runtime that has none. Pods are read side
/// by side, so one that hangs holds up no other.
public final class Pleg implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Pleg.class);

  private final RuntimeClient client;
  private final PodStatusReader reader;
  private final Listener listener;
  private final Periods periods;
  private final PodCache cache = new PodCache(this::readAside);
  private final Set<PodId> failed = ConcurrentHashMap.newKeySet();
  private final Semaphore relistSoon = new Semaphore(0);
  private volatile RuntimeListing last = new RuntimeListing(Map.of());
  private volatile boolean events;
  private volatile boolean closed;
  private volatile long relistedAt = System.nanoTime();
  private final Thread relisting;
  private final Thread listening;

  /// What follows from it.
  public interface Listener {
    /// The pod's status in the cache is another than before. Must not block.
    void podChanged(PodId id);

    /// A full list of the runtime ended. Must not block.
    ///
    /// @param begun [System#nanoTime()]
    /// @param listed whether the runtime gave it
    default void relisted(long begun, boolean listed) {}
  }

  /// @param withoutEvents upstream's 1 s
  /// @param withEvents how often a full list proves that no event was lost
  /// @param retry after a failed read or a broken event stream
  public record Periods(Duration withoutEvents, Duration withEvents, Duration retry) {
    public static final Periods STANDARD =
        new Periods(Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofSeconds(1));
  }

  public Pleg(RuntimeClient client, PodStatusReader reader, Listener listener, Periods periods) {
    this.client = client;
    this.reader = reader;
    this.listener = listener;
    this.periods = periods;
    this.relisting = Thread.ofVirtual().name("pleg-relist").unstarted(this::relistLoop);
    this.listening = Thread.ofVirtual().name("pleg-events").unstarted(this::eventLoop);
  }

  public PodCache cache() {
    return cache;
  }

  /// Lists everything once, so that the cache knows which pods there are, then goes on by itself.
  public void start() throws CriException {
    relist();
    relisting.start();
    listening.start();
  }

  /// How long ago the last full list ended; upstream calls more than 3 minutes unhealthy.
  public Duration sinceRelist() {
    return Duration.ofNanos(System.nanoTime() - relistedAt);
  }

  /// Whether the runtime tells its events now.
  public boolean hasEvents() {
    return events;
  }

  private void relist() throws CriException {
    long begun = System.nanoTime();
    boolean listed = false;
    try {
      list(begun);
      listed = true;
    } finally {
      listener.relisted(begun, listed);
    }
  }

  private void list(long begun) throws CriException {
    Instant time = Instant.now();
    RuntimeListing now = reader.list();
    RuntimeListing before = last;
    last = now;
    cache.listed(begun, time);
    relistedAt = System.nanoTime();
    Map<String, PodId> seen = new HashMap<>();
    before.pods().forEach((uid, pod) -> seen.put(uid, pod.id()));
    now.pods().forEach((uid, pod) -> seen.put(uid, pod.id()));
    seen.forEach((uid, id) -> {
      if (!RuntimeListing.same(before, now, uid)) {
        cache.mark(id);
      }
    });
    retryFailed();
  }

  private void retryFailed() {
    for (PodId id : Set.copyOf(failed)) {
      failed.remove(id);
      cache.mark(id);
    }
  }

  private void readAside(PodId id) {
    Thread.ofVirtual().name("pleg-read").start(() -> read(id));
  }

  private void read(PodId id) {
    long begun = System.nanoTime();
    try {
      PodStatus status = reader.read(id, cache.latest(id.uid()));
      if (cache.told(id, begun, status)) {
        listener.podChanged(id);
      }
    } catch (IOException e) {
      failed.add(id);
      relistSoon.release();
      cache.failed(id, begun, e);
    } catch (RuntimeException e) {
      log.error("Failed to read pod status pod=\"{}\"", id, e);
      cache.failed(id, begun, new IOException("reading the status of pod " + id + " failed", e));
    }
  }

  private void relistLoop() {
    boolean reported = false;
    while (!closed) {
      try {
        pause();
        if (closed) {
          return;
        }
        relist();
        reported = false;
      } catch (CriException e) {
        if (!reported) {
          log.warn("GenericPLEG: unable to retrieve pods err=\"{}\"", e.getMessage());
        }
        reported = true;
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void pause() throws InterruptedException {
    Duration period = events ? periods.withEvents : periods.withoutEvents;
    if (relistSoon.tryAcquire(period.toMillis(), TimeUnit.MILLISECONDS)) {
      Thread.sleep(periods.retry);
      relistSoon.drainPermits();
    }
  }

  private void eventLoop() {
    while (!closed) {
      Thread settling = Thread.ofVirtual().start(this::trustEventsSoon);
      Duration pause = periods.retry;
      try {
        client.containerEvents(this::onEvent);
      } catch (CriException e) {
        settling.interrupt();
        if (e.unimplemented()) {
          log.info("Runtime has no container events, relisting every {}", periods.withoutEvents);
          pause = periods.withEvents.multipliedBy(5);
        } else if (events && !closed) {
          log.info("Container event stream ended, will retry err=\"{}\"", e.getMessage());
        }
        events = false;
        relistSoon.release();
      }
      try {
        settling.join();
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /// A stream that lasted a moment is one; the list that follows shows what came before it.
  private void trustEventsSoon() {
    try {
      Thread.sleep(periods.retry);
      events = true;
      relistSoon.release();
    } catch (InterruptedException e) {
      log.trace("event stream ended before it was trusted");
    }
  }

  /// A container that is merely created is the worker's own doing.
  private void onEvent(ContainerEventResponse event) {
    if (event.getContainerEventType() == ContainerEventType.CONTAINER_CREATED_EVENT) {
      return;
    }
    var metadata = event.getPodSandboxStatus().getMetadata();
    if (metadata.getUid().isEmpty()) {
      relistSoon.release();
    } else {
      cache.mark(new PodId(metadata.getUid(), metadata.getName(), metadata.getNamespace()));
    }
  }

  @Override
  public void close() {
    closed = true;
    relisting.interrupt();
    listening.interrupt();
  }
}
