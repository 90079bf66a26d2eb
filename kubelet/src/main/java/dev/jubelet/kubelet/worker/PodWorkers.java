package dev.jubelet.kubelet.worker;

import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.pod.FrozenPod;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The workers, one per pod UID. The lock is held for bookkeeping only, never while a worker works.
public final class PodWorkers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PodWorkers.class);

  private final WorkerParts parts;
  private final Consumer<PodId> onStage;
  private final Map<String, Entry> workers = new LinkedHashMap<>();
  private boolean closed;

  private static final class Entry {
    final PodWorker worker;
    final Thread thread;

    /// The same UID wanted again while it was ending.
    Optional<Again> again = Optional.empty();

    Entry(PodWorker worker, Thread thread) {
      this.worker = worker;
      this.thread = thread;
    }
  }

  private record Again(FrozenPod pod, Instant changedAt, Instant handledAt) {}

  /// @param onStopped is told (must not block) when a pod's last container ended, and again when
  /// nothing is left of it
  public PodWorkers(WorkerParts parts, Consumer<PodId> onStopped) {
    this.parts = parts;
    this.onStage = onStopped;
  }

  /// Starts a worker, or tells the pod's own of the change.
  ///
  /// @param changedAt where the pod's waterfall begins
  public synchronized void run(FrozenPod pod, Instant changedAt, Instant handledAt) {
    Entry known = workers.get(pod.uid());
    if (known == null) {
      parts.metrics().podAdded(pod.containers().size());
      begin(
          PodStatus.none(pod.uid(), pod.name(), pod.namespace(), handledAt),
          Optional.of(pod),
          new StartTrace(parts.traces(), PodId.of(pod), changedAt, handledAt));
    } else if (known.worker.removed()) {
      known.again = Optional.of(new Again(pod, changedAt, handledAt));
    } else {
      known.worker.update(pod);
    }
  }

  /// Ends and removes what the runtime still holds of a pod that nobody wants.
  public synchronized void removeOrphan(PodStatus orphan) {
    if (!workers.containsKey(orphan.uid()) && !closed) {
      Instant now = parts.clock().instant();
      parts.metrics().orphanFound();
      log.info("Killing orphaned pod pod=\"{}\" podUID=\"{}\"", PodId.of(orphan), orphan.uid());
      begin(orphan, Optional.empty(), new StartTrace(parts.traces(), PodId.of(orphan), now, now));
      remove(orphan.uid(), Optional.empty());
    }
  }

  /// The pod is wanted no more.
  public synchronized void remove(String uid, Optional<Duration> grace) {
    Entry known = workers.get(uid);
    if (known != null) {
      known.again = Optional.empty();
      known.worker.remove(grace);
    }
  }

  /// News of this pod.
  public synchronized void wake(String uid) {
    Entry known = workers.get(uid);
    if (known != null) {
      known.worker.wake();
    }
  }

  public synchronized boolean knows(String uid) {
    return workers.containsKey(uid);
  }

  public synchronized Set<String> uids() {
    return Set.copyOf(workers.keySet());
  }

  /// In the order in which they came.
  public List<PodView> views() {
    List<PodWorker> all;
    synchronized (this) {
      all = workers.values().stream().map(e -> e.worker).toList();
    }
    return all.stream().map(PodWorker::view).toList();
  }

  private void begin(PodStatus observed, Optional<FrozenPod> pod, StartTrace trace) {
    if (closed) {
      return;
    }
    PodId id = pod.map(PodId::of).orElseGet(() -> PodId.of(observed));
    PodWorker worker = new PodWorker(parts, observed, pod, predecessor(id), trace);
    Thread thread = Thread.ofVirtual().name("pod-" + id.name()).unstarted(() -> work(worker));
    workers.put(id.uid(), new Entry(worker, thread));
    var _ = worker.stopped().thenRun(() -> onStage.accept(id));
    thread.start();
  }

  /// The last one of that name whose containers may still run.
  private Optional<PodWorker> predecessor(PodId id) {
    Collection<Entry> all = workers.values();
    return all.stream()
        .map(e -> e.worker)
        .filter(w -> w.id().fullName().equals(id.fullName()) && !w.stopped().isDone())
        .reduce((_, later) -> later);
  }

  private void work(PodWorker worker) {
    try {
      worker.run();
      gone(worker.id());
    } catch (InterruptedException e) {
      log.debug("Worker ends with the agent pod=\"{}\"", worker.id());
    }
  }

  private void gone(PodId id) {
    parts.cache().forget(id.uid());
    parts.traces().store().podGone(id.uid());
    synchronized (this) {
      Entry entry = workers.remove(id.uid());
      if (entry != null) {
        entry.again.ifPresent(this::runAgain);
      }
    }
    onStage.accept(id);
  }

  private void runAgain(Again again) {
    parts.metrics().restarted(again.pod.isStatic());
    run(again.pod, again.changedAt, again.handledAt);
  }

  /// Leaves the containers running.
  @Override
  public void close() {
    List<Thread> threads;
    synchronized (this) {
      closed = true;
      threads = workers.values().stream().map(e -> e.thread).toList();
    }
    threads.forEach(Thread::interrupt);
  }
}
