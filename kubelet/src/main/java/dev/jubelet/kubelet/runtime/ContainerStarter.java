package dev.jubelet.kubelet.runtime;

import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.Image;
import dev.jubelet.cri.v1.Mount;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.kubelet.cri.CriException;
import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.cri.RuntimeClient;
import dev.jubelet.kubelet.event.Events;
import dev.jubelet.kubelet.image.ImageEvent;
import dev.jubelet.kubelet.image.ImagePuller;
import dev.jubelet.kubelet.image.PullOutcome;
import dev.jubelet.kubelet.logs.LogDirectories;
import dev.jubelet.kubelet.pod.ContainerHash;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.runtime.plan.ContainerKind;
import dev.jubelet.kubelet.runtime.plan.PodActions.Start;
import dev.jubelet.kubelet.runtime.spec.ContainerEnv;
import dev.jubelet.kubelet.runtime.spec.ContainerFacts;
import dev.jubelet.kubelet.runtime.spec.ContainerSpec;
import dev.jubelet.kubelet.runtime.spec.CreateContainerConfigException;
import dev.jubelet.kubelet.runtime.spec.NodeFacts;
import dev.jubelet.kubelet.runtime.spec.PodHostname;
import dev.jubelet.kubelet.status.WaitingReason;
import dev.jubelet.kubelet.volume.PodVolumes;
import dev.jubelet.kubelet.volume.PodVolumes.HostNames;
import dev.jubelet.kubelet.volume.VolumeException;
import dev.jubelet.trace.Traces;
import io.fabric8.kubernetes.api.model.Container;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts one container: `ensure image`, `configure container` (`make log directory`, `make
/// mounts`), `create container`, `start container`, `link log`.
final class ContainerStarter {
  private static final Logger log = LoggerFactory.getLogger(ContainerStarter.class);

  private final RuntimeClient client;
  private final ImagePuller puller;
  private final PodVolumes volumes;
  private final LogDirectories logs;
  private final Events events;
  private final Traces traces;
  private final RuntimeMetrics metrics;
  private final Clock clock;

  ContainerStarter(
      RuntimeClient client,
      ImagePuller puller,
      PodVolumes volumes,
      LogDirectories logs,
      Events events,
      Traces traces,
      RuntimeMetrics metrics,
      Clock clock) {
    this.client = client;
    this.puller = puller;
    this.volumes = volumes;
    this.logs = logs;
    this.events = events;
    this.traces = traces;
    this.metrics = metrics;
    this.clock = clock;
  }

  /// Where a pod's containers are started.
  ///
  /// @param ips of the sandbox; the node's for a host-network pod
  record Place(
      FrozenPod pod,
      String sandboxId,
      PodSandboxConfig sandbox,
      List<String> ips,
      NodeFacts node,
      PodMemory memory) {}

  /// A step that failed in a foreseen way.
  private static final class StartException extends Exception {
    private final transient WaitingReason reason;
    private final Optional<Instant> retryAt;

    StartException(String reason, String message, Optional<Instant> retryAt) {
      super(reason + ": " + message);
      this.reason = new WaitingReason(reason, message);
      this.retryAt = retryAt;
    }
  }

  /// Begins to look for the images of these containers.
  void prefetch(Place place, List<Container> containers) {
    place.memory.images.prefetch(containers, c -> ensure(place, c));
  }

  SyncOutcome start(Place place, Start start) throws InterruptedException {
    String name = start.name();
    metrics.containers.labelValues(type(start)).inc();
    try {
      traces.<StartException>run(
          "step",
          (start.kind() == ContainerKind.REGULAR ? "start container " : "start init container ")
              + name,
          () -> steps(place, start));
      place.memory.waitsNoMore(name);
      return new SyncOutcome(true, Optional.empty(), Optional.empty());
    } catch (StartException e) {
      metrics.containerErrors.labelValues(type(start), e.reason.reason()).inc();
      place.memory.waits(name, e.reason);
      log.warn(
          "Unhandled Error: failed to start container pod=\"{}\" container=\"{}\" err=\"{}\"",
          PodId.of(place.pod),
          name,
          e.getMessage());
      String error = "container " + name + ": " + e.getMessage();
      return new SyncOutcome(true, Optional.of(error), e.retryAt);
    }
  }

  private void steps(Place place, Start start) throws StartException {
    Image image = traces.in("step", "ensure image", () -> image(place, start));
    ContainerConfig config =
        traces.in("step", "configure container", () -> configure(place, start, image));
    String id = traces.in("step", "create container", () -> create(place, start, config));
    traces.<StartException>run("step", "start container", () -> startCreated(place, start, id));
    traces.<RuntimeException>run(
        "step", "link log", () -> link(place, start, id, config.getMetadata().getAttempt()));
  }

  private Image image(Place place, Start start) throws StartException {
    Optional<PullOutcome> outcome;
    try {
      outcome = place.memory.images.take(start.container(), c -> ensure(place, c));
    } catch (InterruptedException e) {
      throw interrupted();
    }
    if (outcome.isEmpty()) {
      throw new StartException(
          "ErrImagePull", "the pull was given up because the pod ends", Optional.empty());
    }
    return switch (outcome.get()) {
      case PullOutcome.Present(var image) -> image;
      case PullOutcome.Failed(var reason, var message, var retryAt) ->
        throw new StartException(reason, message, Optional.of(retryAt));
    };
  }

  private static StartException interrupted() {
    Thread.currentThread().interrupt();
    return new StartException("ContainerCreating", "interrupted", Optional.empty());
  }

  private PullOutcome ensure(Place place, Container container) throws InterruptedException {
    PodId id = PodId.of(place.pod);
    String path = path(ContainerKind.of(place.pod, container.getName()), container.getName());
    Instant begun = clock.instant();
    AtomicBoolean pulls = new AtomicBoolean();
    try {
      return traces.in(
          "step",
          "find image " + container.getImage(),
          () -> puller.ensure(place.pod, container, place.sandbox, e -> {
            pulls.compareAndSet(false, e.reason().equals(ImageEvent.PULLING));
            tell(id, path, e);
          }));
    } finally {
      if (pulls.get()) {
        place.memory.pulled(new TimeSpan(begun, clock.instant()));
      }
    }
  }

  private void tell(PodId id, String path, ImageEvent event) {
    if (event.warning()) {
      events.warning(id, event.reason(), path, event.message());
    } else {
      events.normal(id, event.reason(), path, event.message());
    }
  }

  /// A status that the runtime lost still left its log files.
  private int attempt(Place place, Start start) {
    if (start.attempt() > 0) {
      return start.attempt();
    }
    try {
      return logs.nextRestartCount(place.pod, start.name()).orElse(0);
    } catch (IOException e) {
      log.warn("Failed to look for old logs pod=\"{}\" err=\"{}\"", PodId.of(place.pod), e);
      return 0;
    }
  }

  private ContainerConfig configure(Place place, Start start, Image image) throws StartException {
    Container container = start.container();
    FrozenPod pod = place.pod;
    try {
      traces.<IOException>run("step", "make log directory", () -> logs.create(pod, start.name()));
      Map<String, String> env = ContainerEnv.of(pod, container, place.ips, place.node);
      PodHostname names = PodHostname.of(pod, place.node.dns().clusterDomain());
      List<Mount> mounts =
          mounts(place, container, new HostNames(place.ips, names.hostname(), names.domain()), env);
      var facts = new ContainerFacts(
          attempt(place, start),
          ContainerHash.of(container),
          image.getId(),
          ContainerFacts.uidOf(image),
          image.getUsername(),
          env,
          mounts);
      return ContainerSpec.of(pod, container, facts, place.node);
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (CreateContainerConfigException | VolumeException | IOException e) {
      String message = String.valueOf(e.getMessage());
      fail(place, start, message);
      throw new StartException(CreateContainerConfigException.REASON, message, Optional.empty());
    }
  }

  private List<Mount> mounts(
      Place place, Container container, HostNames names, Map<String, String> env)
      throws VolumeException, InterruptedException {
    try {
      return traces.<List<Mount>, Exception>in(
          "step",
          "make mounts",
          () -> volumes.containerMounts(
              place.pod, container, names, ContainerEnv.subPathExpansion(env)));
    } catch (VolumeException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private String create(Place place, Start start, ContainerConfig config) throws StartException {
    try {
      String id = client.createContainer(place.sandboxId, config, place.sandbox);
      events.normal(
          PodId.of(place.pod), "Created", path(start), "Created container: " + start.name());
      return id;
    } catch (CriException e) {
      fail(place, start, e.getMessage());
      throw new StartException(
          "CreateContainerError", String.valueOf(e.getMessage()), Optional.empty());
    }
  }

  private void startCreated(Place place, Start start, String id) throws StartException {
    try {
      client.startContainer(id);
      events.normal(
          PodId.of(place.pod), "Started", path(start), "Started container " + start.name());
    } catch (CriException e) {
      fail(place, start, e.getMessage());
      throw new StartException(
          "RunContainerError", String.valueOf(e.getMessage()), Optional.empty());
    }
  }

  private void fail(Place place, Start start, @Nullable String message) {
    events.warning(PodId.of(place.pod), "Failed", path(start), "Error: " + message);
  }

  private void link(Place place, Start start, String id, int attempt) {
    try {
      logs.link(place.pod, start.name(), id, attempt);
    } catch (IOException e) {
      log.warn(
          "Failed to create legacy symbolic link pod=\"{}\" containerID=\"{}\" err=\"{}\"",
          PodId.of(place.pod),
          id,
          e.getMessage());
    }
  }

  private static String path(Start start) {
    return path(start.kind(), start.name());
  }

  private static String path(ContainerKind kind, String name) {
    return kind == ContainerKind.REGULAR
        ? Events.containerPath(name)
        : Events.initContainerPath(name);
  }

  private static String type(Start start) {
    return start.kind() == ContainerKind.REGULAR ? "container" : "init_container";
  }
}
