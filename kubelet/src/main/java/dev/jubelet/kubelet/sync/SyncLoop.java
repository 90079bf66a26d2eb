package dev.jubelet.kubelet.sync;

import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.event.Events;
import dev.jubelet.kubelet.pleg.PodCache;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.source.SourceUpdate;
import dev.jubelet.kubelet.source.SourceUpdate.Refused;
import dev.jubelet.kubelet.sync.SyncEvent.DirectoryFound;
import dev.jubelet.kubelet.sync.SyncEvent.PodChanged;
import dev.jubelet.kubelet.sync.SyncEvent.PodStopped;
import dev.jubelet.kubelet.sync.SyncEvent.Remove;
import dev.jubelet.kubelet.sync.SyncEvent.SourceChanged;
import dev.jubelet.kubelet.volume.PodVolumes;
import dev.jubelet.kubelet.worker.PodWorkers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where desired and observed state meet: takes the snapshots of the sources and the news of the
/// runtime one after another and tells the workers. It does no work of its own that could hang.
///
/// Nothing is deleted before every source was heard.
public final class SyncLoop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SyncLoop.class);
  private static final Duration SWEEP = Duration.ofMinutes(10);

  private final EventQueue queue = new EventQueue();
  private final DesiredPods desired;
  private final PodWorkers workers;
  private final PodCache cache;
  private final int capacity;
  private final Events events;
  private final SyncMetrics metrics;
  private final Orphans orphans;
  private final Clock clock;
  private final Map<String, RefusedPod> refused = new ConcurrentHashMap<>();
  private final Map<String, List<Refused>> problems = new HashMap<>();
  private final Thread thread;
  private volatile long turnBegun;
  private volatile List<FrozenPod> wanted = List.of();
  private boolean swept;
  private long sweptAt = System.nanoTime();

  /// @param expectedSources that have to be heard before anything is deleted
  /// @param capacity how many pods may be active
  public SyncLoop(
      Set<String> expectedSources,
      PodWorkers workers,
      PodCache cache,
      int capacity,
      PodVolumes volumes,
      Path podLogs,
      Events events,
      SyncMetrics metrics,
      Clock clock) {
    this.desired = new DesiredPods(expectedSources);
    this.workers = workers;
    this.cache = cache;
    this.capacity = capacity;
    this.orphans = new Orphans(volumes, podLogs);
    this.events = events;
    this.metrics = metrics;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("sync-loop").unstarted(this::loop);
  }

  public void start() {
    log.info("Starting kubelet main sync loop");
    thread.start();
  }

  /// A source's new snapshot.
  public void sourceChanged(SourceUpdate update) {
    queue.put(new SourceChanged(update));
  }

  /// The runtime's news of a pod.
  public void podChanged(PodId id) {
    queue.put(new PodChanged(id));
  }

  public void podStopped(PodId id) {
    queue.put(new PodStopped(id));
  }

  /// Ends a pod with a grace of its own; its source is to drop it too.
  public void remove(String uid, Optional<Duration> grace) {
    queue.put(new Remove(uid, grace));
  }

  /// Pods that were not let in.
  public List<RefusedPod> refused() {
    return List.copyOf(refused.values());
  }

  /// What the sources want by now, admitted or not.
  public List<FrozenPod> desired() {
    return wanted;
  }

  /// How long the turn under way has taken; zero between two turns. Upstream's `/healthz/syncloop`
  /// calls it unhealthy beyond max(2 × sync frequency, 5 min).
  public Duration turnAge() {
    long begun = turnBegun;
    return begun == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - begun);
  }

  public boolean alive() {
    return thread.isAlive();
  }

  private void loop() {
    while (true) {
      try {
        Optional<SyncEvent> event = queue.take(untilSweep());
        turnBegun = System.nanoTime();
        event.ifPresent(this::handle);
        if (untilSweep().isZero()) {
          sweep();
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        log.error("Sync loop turn failed", e);
      } finally {
        turnBegun = 0;
      }
    }
  }

  /// However busy the queue is.
  private Duration untilSweep() {
    Duration left = SWEEP.minusNanos(System.nanoTime() - sweptAt);
    return left.isNegative() ? Duration.ZERO : left;
  }

  private void handle(SyncEvent event) {
    switch (event) {
      case SourceChanged(var update) -> take(update);
      case PodChanged(var id) -> {
        workers.wake(id.uid());
        cache.latest(id.uid()).ifPresent(this::endIfOrphan);
      }
      case PodStopped _ -> admitRefused();
      case DirectoryFound(var id) ->
        endIfUnknown(PodStatus.none(id.uid(), id.name(), id.namespace(), clock.instant()));
      case Remove(var uid, var grace) -> {
        refused.remove(uid);
        workers.remove(uid, grace);
      }
    }
  }

  private void take(SourceUpdate update) {
    Instant handled = clock.instant();
    report(update);
    DesiredPods.Change change = desired.take(update);
    wanted = desired.all();
    for (FrozenPod pod : change.removed()) {
      log.info("SyncLoop REMOVE source=\"{}\" pod=\"{}\"", update.source(), PodId.of(pod));
      refused.remove(pod.uid());
      workers.remove(pod.uid(), Optional.empty());
    }
    change.added().stream().sorted(Comparator.comparing(pod -> !runs(pod))).forEach(pod -> {
      log.info("SyncLoop ADD source=\"{}\" pod=\"{}\"", update.source(), PodId.of(pod));
      admit(pod, update.changedAt(), handled);
    });
    for (FrozenPod pod : change.updated()) {
      log.info("SyncLoop UPDATE source=\"{}\" pod=\"{}\"", update.source(), PodId.of(pod));
      admit(pod, update.changedAt(), handled);
    }
    if (desired.allReady()) {
      cache.all().values().forEach(this::endIfOrphan);
      if (!swept) {
        swept = true;
        sweep();
      }
    }
  }

  /// Adopted pods come before new ones that want the same port.
  private boolean runs(FrozenPod pod) {
    return cache.latest(pod.uid()).filter(PodStatus::anyContainerAlive).isPresent();
  }

  private void admit(FrozenPod pod, Instant changedAt, Instant handled) {
    if (workers.knows(pod.uid())) {
      workers.run(pod, changedAt, handled);
      return;
    }
    switch (Admission.of(pod, workers.views(), capacity)) {
      case Admission.Admitted _ -> {
        refused.remove(pod.uid());
        workers.run(pod, changedAt, handled);
      }
      case Admission.Later(var message) -> refuse(pod, false, "", message);
      case Admission.Rejected(var reason, var message) -> {
        refuse(pod, true, reason, message);
        metrics.rejected(reason);
        events.warning(PodId.of(pod), reason, "", message);
      }
    }
  }

  private void refuse(FrozenPod pod, boolean rejected, String reason, String message) {
    refused.put(pod.uid(), new RefusedPod(pod, rejected, reason, message, clock.instant()));
  }

  /// Those that only waited for a pod that is gone now.
  private void admitRefused() {
    Instant now = clock.instant();
    for (RefusedPod waiting : refused.values()) {
      if (!waiting.rejected()) {
        admit(waiting.pod(), waiting.since(), now);
      }
    }
  }

  private void endIfOrphan(PodStatus observed) {
    if (!observed.isGone()) {
      endIfUnknown(observed);
    }
  }

  private void endIfUnknown(PodStatus observed) {
    if (desired.allReady() && !workers.knows(observed.uid()) && !refusedForNow(observed.uid())) {
      workers.removeOrphan(observed);
    }
  }

  private boolean refusedForNow(String uid) {
    RefusedPod pod = refused.get(uid);
    return pod != null && !pod.rejected();
  }

  private void report(SourceUpdate update) {
    List<Refused> before = problems.put(update.source(), update.refused());
    for (Refused one : update.refused()) {
      if (before == null || !before.contains(one)) {
        log.error(
            "Pod refused source=\"{}\" origin=\"{}\" pod=\"{}\" problems=\"{}\"",
            update.source(),
            one.origin(),
            one.pod(),
            String.join("; ", one.problems()));
      }
    }
  }

  private void sweep() {
    sweptAt = System.nanoTime();
    if (desired.allReady()) {
      Set<String> known = new HashSet<>(workers.uids());
      known.addAll(refused.keySet());
      orphans.find(known, id -> queue.put(new DirectoryFound(id)), metrics::swept);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
