package dev.jubelet.kubelet.worker;

import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.pleg.PodCache;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.runtime.Ending;
import dev.jubelet.kubelet.runtime.PodMemory;
import dev.jubelet.kubelet.runtime.SyncOutcome;
import dev.jubelet.kubelet.runtime.plan.PodActions;
import dev.jubelet.kubelet.status.StatusInput;
import dev.jubelet.linux.SteadyClock;
import io.opentelemetry.context.Scope;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One pod's worker: a virtual thread that makes one turn after another, never two at a time.
/// That a pod has to end, and that it is wanted no more, are latched: nothing takes them back.
/// A turn begins with a status that was read after the worker's own last action. Its own step
/// is `remove pod`; the others are those of the runtime, the killer and the garbage.
final class PodWorker {
  private static final Logger log = LoggerFactory.getLogger(PodWorker.class);
  private static final Duration READ_DEADLINE = Duration.ofMinutes(3);
  private static final Duration AFTER_ERROR = Duration.ofSeconds(10);
  private static final Duration AFTER_KILL_ERROR = Duration.ofSeconds(2);
  private static final Duration NETWORK_NOT_READY = Duration.ofSeconds(1);

  private final WorkerParts parts;
  private final PodId id;
  private final Optional<PodWorker> predecessor;
  private final Mailbox<FrozenPod> mailbox = new Mailbox<>();
  private final Ending ending = new Ending();
  private final CompletableFuture<Boolean> stopped = new CompletableFuture<>();
  private final PodMemory memory;
  private final StartTrace trace;
  private final StartClock startClock;
  private final Turns turns;
  private final WorkerEvents events;
  private final Instant startTime;
  private volatile boolean removed;
  private volatile PodStage stage = PodStage.SYNC;
  private volatile Optional<FrozenPod> pod;
  private volatile PodStatus observed;
  private volatile Optional<io.fabric8.kubernetes.api.model.PodStatus> status = Optional.empty();
  private volatile PodView.Waiting waiting;
  private long lastAct;
  private Instant nextTurn = Instant.MIN;

  /// @param pod empty for one of which only the runtime knows: it is ended and removed
  /// @param predecessor another pod of the same name, to be waited for
  PodWorker(
      WorkerParts parts,
      PodStatus observed,
      Optional<FrozenPod> pod,
      Optional<PodWorker> predecessor,
      StartTrace trace) {
    this.parts = parts;
    this.id = pod.map(PodId::of).orElseGet(() -> PodId.of(observed));
    this.pod = pod;
    this.predecessor = predecessor;
    this.observed = observed;
    this.memory = new PodMemory(parts.backoff());
    this.trace = trace;
    this.startTime = pod.map(FrozenPod::firstSeen).orElseGet(() -> parts.clock().instant());
    this.waiting = new PodView.Waiting("its worker", startTime, Optional.empty(), Optional.empty());
    this.startClock = new StartClock(parts.metrics(), startTime);
    this.turns = new Turns(parts.metrics(), startTime, parts.clock());
    this.events = new WorkerEvents(parts.events(), id);
    this.lastAct = PodCache.ANY;
  }

  PodId id() {
    return id;
  }

  PodStage stage() {
    return stage;
  }

  boolean removed() {
    return removed;
  }

  /// Completes when no container of the pod runs any more, and none will.
  CompletableFuture<Boolean> stopped() {
    return stopped;
  }

  PodView view() {
    return new PodView(
        id,
        pod,
        stage,
        ending.requested(),
        removed,
        observed,
        status,
        memory.reasons(),
        memory.backoff(),
        waiting);
  }

  void update(FrozenPod latest) {
    mailbox.put(latest);
    if (latest.deletionRequested()) {
      end(latest.deletionGrace());
    }
  }

  void wake() {
    mailbox.ring();
  }

  void end(Optional<Duration> grace) {
    if (ending.request(grace)) {
      mailbox.ring();
    }
  }

  void remove(Optional<Duration> grace) {
    removed = true;
    end(grace);
    mailbox.ring();
  }

  /// Returns when nothing is left to do for this pod, ever.
  void run() throws InterruptedException {
    awaitPredecessor();
    while (stage != PodStage.GONE) {
      turn();
      if (stage != PodStage.GONE) {
        awaitTurn();
      }
    }
  }

  private void awaitPredecessor() throws InterruptedException {
    if (predecessor.isEmpty()) {
      return;
    }
    CompletableFuture<Boolean> free = predecessor.get().stopped;
    var _ = free.thenRun(mailbox::ring);
    waiting("pod " + id + " of UID " + predecessor.get().id.uid() + " to end", Optional.empty());
    while (!free.isDone() && !ending.requested()) {
      take(mailbox.await(parts.resync()));
    }
  }

  private void awaitTurn() throws InterruptedException {
    Duration patience = Duration.between(parts.steady().instant(), nextTurn);
    take(mailbox.await(patience.isNegative() ? Duration.ZERO : patience));
  }

  private void take(@Nullable FrozenPod latest) {
    if (latest != null) {
      pod = Optional.of(latest);
      turns.updated();
    }
  }

  private void turn() throws InterruptedException {
    if (stage == PodStage.SYNC && (ending.requested() || pod.isEmpty())) {
      stage = PodStage.TERMINATING;
      var _ = Overdue.after(stopped, ending.grace().orElseGet(this::grace), events::overdue);
    }
    turns.begin(stage);
    try {
      switch (stage) {
        case SYNC -> sync(pod.orElseThrow());
        case TERMINATING -> terminate();
        case TERMINATED -> finish();
        case GONE -> {}
      }
    } catch (IOException | RuntimeException e) {
      failed(e);
    } finally {
      turns.end();
    }
  }

  private Duration grace() {
    return pod.map(p -> p.deletionGrace().orElse(p.terminationGrace())).orElse(Duration.ZERO);
  }

  private void failed(Exception e) {
    String message = String.valueOf(e.getMessage());
    if (e instanceof IOException) {
      log.error("Error syncing pod, skipping pod=\"{}\" err=\"{}\"", id, message);
    } else {
      log.error("Error syncing pod, skipping pod=\"{}\"", id, e);
    }
    Duration pause = stage == PodStage.SYNC ? AFTER_ERROR : AFTER_KILL_ERROR;
    again(jittered(pause), "another try", Optional.of(message));
  }

  /// What the runtime says of the pod, read after the worker's own last action.
  private PodStatus read() throws IOException, InterruptedException {
    try {
      return parts.cache().newerThan(id, lastAct, READ_DEADLINE);
    } catch (IOException e) {
      events.statusUnknown(e);
      throw e;
    }
  }

  private void sync(FrozenPod wanted) throws IOException, InterruptedException {
    observed = read();
    publish(false);
    if (isFinal()) {
      trace.done();
      ending.request(Optional.empty());
      nextTurn = Instant.MIN;
      return;
    }
    Instant now = parts.steady().instant();
    PodActions actions = PodActions.of(wanted, observed, memory.backoff(observed, now), now);
    if (actions instanceof PodActions.Adjust adjust && adjust.inSync()) {
      inSync(wanted);
      return;
    }
    if (actions instanceof PodActions.Recreate recreate) {
      if (waitsForNetwork(wanted)) {
        return;
      }
      log.info(
          "No usable sandbox for pod, need to start one pod=\"{}\" attempt={} reason=\"{}\"",
          id,
          recreate.attempt(),
          recreate.why());
      trace.restart(parts.clock().instant());
      startClock.begins();
    }
    after(wanted, perform(wanted, actions));
    if (!ending.requested()) {
      // Whatever else it does: a pod that is always about to restart is never in sync.
      tidy();
    }
  }

  private SyncOutcome perform(FrozenPod wanted, PodActions actions)
      throws IOException, InterruptedException {
    boolean acted = true;
    parts.cache().hold(id);
    try (Scope _ = trace.enter(parts.clock().instant()).makeCurrent()) {
      SyncOutcome outcome = parts.runtime().perform(wanted, actions, observed, memory, ending);
      acted = outcome.acted();
      return outcome;
    } catch (IOException e) {
      events.killFailed(e);
      throw e;
    } finally {
      lastAct = acted ? System.nanoTime() : lastAct;
      parts.cache().release(id, acted);
    }
  }

  private void after(FrozenPod wanted, SyncOutcome outcome) {
    publish(false);
    if (ending.requested()) {
      nextTurn = Instant.MIN;
    } else if (outcome.error().isPresent()) {
      Instant next = later(jittered(AFTER_ERROR));
      Instant retry = outcome.retryAt().filter(at -> at.isBefore(next)).orElse(next);
      waiting("another try", outcome.error(), retry);
    } else if (outcome.retryAt().isPresent()) {
      waiting(
          "the end of a container's back-off",
          Optional.empty(),
          outcome.retryAt().get());
    } else {
      waiting(whatComesNext(wanted), Optional.empty(), later(jittered(parts.resync())));
    }
    trace.waitFor(waiting.what());
  }

  /// Nothing is to be changed now.
  private void inSync(FrozenPod wanted) throws IOException {
    if (wanted.containers().stream()
        .allMatch(c -> observed.newest(c.getName()).flatMap(s -> s.startedAt()).isPresent())) {
      trace.done();
      startClock.allStarted(wanted, observed, memory.pulling(), parts.clock().instant());
      waiting("", Optional.empty(), later(jittered(parts.resync())));
    } else {
      waiting(whatComesNext(wanted), Optional.empty(), later(jittered(parts.resync())));
      trace.waitFor(waiting.what());
    }
    tidy();
  }

  /// What was surplus before the turn's own actions is so after them.
  private void tidy() throws IOException {
    if (parts.garbage().prune(observed)) {
      lastAct = System.nanoTime();
      parts.cache().release(id, true);
    }
  }

  private String whatComesNext(FrozenPod wanted) {
    return wanted.initContainers().stream()
        .filter(c -> !FrozenPod.isSidecar(c))
        .filter(
            c -> observed.newest(c.getName()).filter(s -> s.state().mayRun()).isPresent())
        .findFirst()
        .map(c -> "init container " + c.getName() + " to finish")
        .orElse("the runtime's news of its containers");
  }

  private boolean waitsForNetwork(FrozenPod wanted) {
    Optional<String> problem = parts.networkProblem().get();
    if (wanted.hostNetwork() || problem.isEmpty()) {
      return false;
    }
    String text = "network is not ready: " + problem.get();
    events.networkNotReady(text);
    trace.enter(parts.clock().instant());
    again(jittered(NETWORK_NOT_READY), "the network", Optional.of(text));
    trace.waitFor("the network");
    return true;
  }

  private boolean isFinal() {
    return phase().equals("Succeeded") || phase().equals("Failed");
  }

  private String phase() {
    return status.map(s -> String.valueOf(s.getPhase())).orElse("");
  }

  private void terminate() throws IOException, InterruptedException {
    observed = read();
    publish(false);
    waiting("its containers to stop", Optional.empty(), Instant.MIN);
    parts.cache().hold(id);
    try (Scope _ = trace.enter(parts.clock().instant()).makeCurrent()) {
      parts.killer().killPod(id, pod, observed, ending);
    } catch (IOException e) {
      events.killFailed(e);
      throw e;
    } finally {
      lastAct = System.nanoTime();
      parts.cache().release(id, true);
    }
    trace.done();
    observed = read();
    if (observed.anyContainerAlive()) {
      throw new IOException("containers of pod " + id + " still run after they were stopped");
    }
    stage = PodStage.TERMINATED;
    publish(true);
    stopped.complete(true);
    nextTurn = Instant.MIN;
  }

  private void finish() throws IOException, InterruptedException {
    if (!removed) {
      waiting("", Optional.empty(), Instant.MAX);
      nextTurn = later(parts.resync().multipliedBy(60));
      tidy();
      return;
    }
    try (Scope _ = trace.enter(parts.clock().instant()).makeCurrent()) {
      trace.done();
      parts.traces().<Boolean, Exception>in("step", "remove pod", () -> {
        parts.garbage().removeAll(id, observed);
        return true;
      });
    } catch (IOException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    log.info("Pod has been terminated and removed pod=\"{}\" podUID=\"{}\"", id, id.uid());
    stage = PodStage.GONE;
  }

  private void publish(boolean terminated) {
    if (pod.isPresent()) {
      String before = status.map(s -> s.getPhase()).orElse(null);
      status = Optional.of(parts.status(new StatusInput(
          pod.get(),
          observed,
          memory.reasons(),
          status,
          stage != PodStage.SYNC,
          terminated,
          Optional.empty(),
          parts.runtimeName().get(),
          parts.hostIps().get(),
          startTime,
          parts.clock().instant())));
      startClock.phase(before, phase(), parts.clock().instant());
    }
  }

  private void again(Duration pause, String what, Optional<String> error) {
    waiting(what, error, later(pause));
  }

  private void waiting(String what, Optional<String> error, Instant next) {
    waiting(what, error);
    nextTurn = next;
    boolean planned = next.isAfter(Instant.MIN) && next.isBefore(Instant.MAX);
    Optional<Instant> shown = planned
        ? Optional.of(SteadyClock.on(parts.clock(), parts.steady(), next))
        : Optional.empty();
    waiting = new PodView.Waiting(what, waiting.since(), shown, error);
  }

  /// Since when is kept while what it waits for stays the same.
  private void waiting(String what, Optional<String> error) {
    Instant since =
        what.equals(waiting.what()) ? waiting.since() : parts.clock().instant();
    waiting = new PodView.Waiting(what, since, Optional.empty(), error);
    parts.changed().run();
  }

  private Instant later(Duration pause) {
    return parts.steady().instant().plus(pause);
  }

  private static Duration jittered(Duration base) {
    return base.plusMillis(ThreadLocalRandom.current().nextLong(base.toMillis() / 2 + 1));
  }
}
