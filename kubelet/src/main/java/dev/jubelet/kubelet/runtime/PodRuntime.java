package dev.jubelet.kubelet.runtime;

import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.kubelet.cri.CriException;
import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatusReader;
import dev.jubelet.kubelet.cri.RuntimeClient;
import dev.jubelet.kubelet.event.Events;
import dev.jubelet.kubelet.image.ImagePuller;
import dev.jubelet.kubelet.logs.LogDirectories;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.runtime.ContainerStarter.Place;
import dev.jubelet.kubelet.runtime.plan.ContainerKind;
import dev.jubelet.kubelet.runtime.plan.PodActions;
import dev.jubelet.kubelet.runtime.plan.PodActions.Adjust;
import dev.jubelet.kubelet.runtime.plan.PodActions.Held;
import dev.jubelet.kubelet.runtime.plan.PodActions.Kill;
import dev.jubelet.kubelet.runtime.plan.PodActions.Recreate;
import dev.jubelet.kubelet.runtime.plan.PodActions.Start;
import dev.jubelet.kubelet.runtime.spec.NodeFacts;
import dev.jubelet.kubelet.runtime.spec.PodDns;
import dev.jubelet.kubelet.runtime.spec.SandboxConfigException;
import dev.jubelet.kubelet.runtime.spec.SandboxSpec;
import dev.jubelet.kubelet.status.WaitingReason;
import dev.jubelet.kubelet.volume.PodVolumes;
import dev.jubelet.kubelet.volume.VolumeException;
import dev.jubelet.trace.Traces;
import io.fabric8.kubernetes.api.model.Container;
import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Performs what [PodActions] decided, as named steps: `kill pod`, `kill containers`, `look at
/// the node`, `describe pod sandbox`, `set up volumes`, `create pod sandbox`, `read pod
/// addresses`, `find image …`, `start init container …`, `start container …`. Volumes, images
/// and the sandbox are made side by side; containers start one after another in spec order
/// (upstream: SyncPod of kuberuntime_manager.go).
public final class PodRuntime {
  private static final Logger log = LoggerFactory.getLogger(PodRuntime.class);

  /// RuntimeClass is not built.
  private static final String DEFAULT_HANDLER = "";

  private static final Executor GIVE_UP = CompletableFuture.delayedExecutor(10, TimeUnit.SECONDS);

  private final RuntimeClient client;
  private final PodStatusReader reader;
  private final PodKiller killer;
  private final ContainerStarter starter;
  private final PodVolumes volumes;
  private final Supplier<NodeFacts> node;
  private final Events events;
  private final Traces traces;
  private final RuntimeMetrics metrics;
  private final Clock steady;

  /// @param steady nobody sets it: for back-off
  public PodRuntime(
      RuntimeClient client,
      PodStatusReader reader,
      PodKiller killer,
      ImagePuller puller,
      PodVolumes volumes,
      LogDirectories logs,
      Supplier<NodeFacts> node,
      Events events,
      Traces traces,
      RuntimeMetrics metrics,
      Clock clock,
      Clock steady) {
    this.client = client;
    this.reader = reader;
    this.killer = killer;
    this.starter =
        new ContainerStarter(client, puller, volumes, logs, events, traces, metrics, clock);
    this.volumes = volumes;
    this.node = node;
    this.events = events;
    this.traces = traces;
    this.metrics = metrics;
    this.steady = steady;
  }

  /// Brings the pod a step nearer to its spec.
  ///
  /// @throws IOException when stopping something failed, which ends the turn
  public SyncOutcome perform(
      FrozenPod pod, PodActions actions, PodStatus observed, PodMemory memory, Ending ending)
      throws IOException, InterruptedException {
    memory.images.dropFailed();
    try (var _ = ending.listen(memory.images::cancel)) {
      return switch (actions) {
        case Kill(var reason) -> {
          log.info("Killing pod pod=\"{}\" reason=\"{}\"", PodId.of(pod), reason);
          killer.killPod(PodId.of(pod), Optional.of(pod), observed, ending);
          yield new SyncOutcome(true, Optional.empty(), Optional.empty());
        }
        case Recreate recreate -> recreate(pod, recreate, observed, memory, ending);
        case Adjust adjust when adjust.inSync() -> SyncOutcome.NOTHING;
        case Adjust adjust -> adjust(pod, adjust, observed, memory, ending);
      };
    }
  }

  private SyncOutcome recreate(
      FrozenPod pod, Recreate plan, PodStatus observed, PodMemory memory, Ending ending)
      throws IOException, InterruptedException {
    if (plan.oldSandboxId().isPresent()) {
      events.normal(
          PodId.of(pod),
          "SandboxChanged",
          "",
          "Pod sandbox changed, it will be killed and re-created.");
    }
    killer.killPod(PodId.of(pod), Optional.of(pod), observed, ending);
    NodeFacts facts = lookAtNode();
    PodSandboxConfig config;
    try {
      config = describe(pod, plan.attempt(), facts);
    } catch (SandboxConfigException e) {
      return sandboxFailed(pod, String.valueOf(e.getMessage()));
    }
    starter.prefetch(new Place(pod, "", config, List.of(), facts, memory), everyContainer(pod));
    CompletableFuture<String> ready = Together.begin("volumes", () -> setUpVolumes(pod));
    tellDns(pod, facts, memory);
    try {
      String id = traces.in("step", "create pod sandbox", () -> runSandbox(config, ending));
      List<String> ips = ips(pod, id, List.of(), facts);
      String problem = ready.join();
      return problem.isEmpty()
          ? startAll(
              new Place(pod, id, config, ips, facts, memory), plan.start(), plan.held(), ending)
          : SyncOutcome.failed(problem);
    } catch (CriException e) {
      return sandboxFailed(pod, String.valueOf(e.getMessage()));
    }
  }

  private NodeFacts lookAtNode() {
    return traces.<NodeFacts, RuntimeException>in("step", "look at the node", () -> node.get());
  }

  /// Given up when the pod has to end and it does not come (upstream cancels at once): what a
  /// runtime makes after the pod was looked at for the last time would be nobody's.
  private String runSandbox(PodSandboxConfig config, Ending ending) throws CriException {
    try (CancellableContext call = Context.current().withCancellation();
        var _ = ending.listen(() -> GIVE_UP.execute(() -> call.cancel(null)))) {
      Context before = call.attach();
      try {
        return runSandbox(config);
      } finally {
        call.detach(before);
      }
    }
  }

  private String runSandbox(PodSandboxConfig config) throws CriException {
    long begun = System.nanoTime();
    boolean well = false;
    metrics.pods.inc();
    try {
      String id = client.runPodSandbox(config, DEFAULT_HANDLER);
      well = true;
      return id;
    } finally {
      metrics.ranSandbox(DEFAULT_HANDLER, begun, well);
      if (!well) {
        metrics.podErrors.inc();
      }
    }
  }

  private void tellDns(FrozenPod pod, NodeFacts facts, PodMemory memory) {
    for (PodDns.Warning warning : PodDns.of(pod, facts.dns()).warnings()) {
      if (memory.tellsFirst(warning)) {
        events.warning(PodId.of(pod), warning.reason(), "", warning.message());
      }
    }
  }

  private PodSandboxConfig describe(FrozenPod pod, int attempt, NodeFacts facts) {
    return traces.<PodSandboxConfig, RuntimeException>in(
        "step", "describe pod sandbox", () -> SandboxSpec.of(pod, attempt, facts));
  }

  private SyncOutcome sandboxFailed(FrozenPod pod, String message) {
    String text = "Failed to create pod sandbox: " + message;
    events.warning(PodId.of(pod), "FailedCreatePodSandBox", "", text);
    return SyncOutcome.failed(text);
  }

  private SyncOutcome adjust(
      FrozenPod pod, Adjust plan, PodStatus observed, PodMemory memory, Ending ending)
      throws IOException, InterruptedException {
    killer.killContainers(pod, plan.stop(), ending);
    NodeFacts facts = lookAtNode();
    int attempt = observed.sandboxes().getFirst().attempt();
    PodSandboxConfig config = describe(pod, attempt, facts);
    var place = new Place(pod, plan.sandboxId(), config, List.of(), facts, memory);
    if (plan.start().isEmpty()) {
      return startAll(place, List.of(), plan.held(), ending);
    }
    starter.prefetch(place, plan.start().stream().map(Start::container).toList());
    String problem = setUpVolumes(pod);
    if (!problem.isEmpty()) {
      return SyncOutcome.failed(problem);
    }
    List<String> ips = ips(pod, plan.sandboxId(), observed.ips(), facts);
    return startAll(
        new Place(pod, plan.sandboxId(), config, ips, facts, memory),
        plan.start(),
        plan.held(),
        ending);
  }

  private static List<Container> everyContainer(FrozenPod pod) {
    return Stream.concat(pod.initContainers().stream(), pod.containers().stream())
        .toList();
  }

  /// Gives what went wrong; empty when nothing did.
  private String setUpVolumes(FrozenPod pod) throws InterruptedException {
    try {
      traces.<Boolean, Exception>in("step", "set up volumes", () -> {
        volumes.setUp(pod);
        return true;
      });
      return "";
    } catch (VolumeException e) {
      events.warning(PodId.of(pod), "FailedMount", "", String.valueOf(e.getMessage()));
      return String.valueOf(e.getMessage());
    } catch (InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private List<String> ips(FrozenPod pod, String sandboxId, List<String> known, NodeFacts facts)
      throws CriException {
    if (pod.hostNetwork()) {
      return facts.hostIps();
    }
    return known.isEmpty()
        ? traces.in("step", "read pod addresses", () -> reader.sandboxIps(sandboxId))
        : known;
  }

  private SyncOutcome startAll(Place place, List<Start> starts, List<Held> held, Ending ending)
      throws InterruptedException {
    SyncOutcome outcome = new SyncOutcome(!starts.isEmpty(), Optional.empty(), Optional.empty());
    for (Held waiting : held) {
      outcome = outcome.and(hold(place, waiting));
    }
    for (Start start : starts) {
      if (ending.requested()) {
        return outcome;
      }
      countRestart(place.memory(), start);
      SyncOutcome one = starter.start(place, start);
      outcome = outcome.and(one);
      if (one.error().isPresent() && start.kind() == ContainerKind.INIT) {
        return outcome;
      }
    }
    return outcome;
  }

  private void countRestart(PodMemory memory, Start start) {
    if (start.exitedAt().isPresent()) {
      Instant exited = start.exitedAt().get();
      memory.backoff(memory.backoff().restarted(start.backoffKey(), exited, steady.instant()));
    }
  }

  private SyncOutcome hold(Place place, Held held) {
    PodId id = PodId.of(place.pod());
    String name = held.container().getName();
    String path = held.kind() == ContainerKind.REGULAR
        ? Events.containerPath(name)
        : Events.initContainerPath(name);
    events.warning(
        id,
        "BackOff",
        path,
        "Back-off restarting failed container %s in pod %s(%s)"
            .formatted(name, id.fullName(), id.uid()));
    String delay = goDuration(held.delay());
    place
        .memory()
        .waits(
            name,
            new WaitingReason(
                "CrashLoopBackOff",
                "back-off %s restarting failed container=%s pod=%s(%s)"
                    .formatted(delay, name, id.fullName(), id.uid())));
    Instant until = held.until();
    return new SyncOutcome(false, Optional.empty(), Optional.of(until));
  }

  /// `10s`, `2m40s`, as Go prints a duration.
  private static String goDuration(Duration d) {
    long minutes = d.toMinutes();
    return minutes == 0 ? d.toSeconds() + "s" : minutes + "m" + d.toSecondsPart() + "s";
  }
}
