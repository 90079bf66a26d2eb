package dev.jubelet.dockershim;

import dev.jubelet.dockershim.checkpoint.CheckpointStore;
import dev.jubelet.dockershim.container.ContainerStats;
import dev.jubelet.dockershim.container.ContainerStatus;
import dev.jubelet.dockershim.container.CreateContainer;
import dev.jubelet.dockershim.container.Creation;
import dev.jubelet.dockershim.container.ExecSync;
import dev.jubelet.dockershim.container.ListContainers;
import dev.jubelet.dockershim.container.LogFollowing;
import dev.jubelet.dockershim.container.RemoveContainer;
import dev.jubelet.dockershim.container.ReopenContainerLog;
import dev.jubelet.dockershim.container.StartContainer;
import dev.jubelet.dockershim.container.StopContainer;
import dev.jubelet.dockershim.container.UpdateContainerResources;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.EngineInfo;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.engine.RuntimeConfig;
import dev.jubelet.dockershim.engine.Status;
import dev.jubelet.dockershim.engine.UpdateRuntimeConfig;
import dev.jubelet.dockershim.engine.Version;
import dev.jubelet.dockershim.engine.WatchedEngine;
import dev.jubelet.dockershim.gate.StartGate;
import dev.jubelet.dockershim.grpc.ImageServiceHandler;
import dev.jubelet.dockershim.grpc.RuntimeVerbs;
import dev.jubelet.dockershim.grpc.ShimLocalService;
import dev.jubelet.dockershim.image.ImageFsInfo;
import dev.jubelet.dockershim.image.ImageStatus;
import dev.jubelet.dockershim.image.KnownImages;
import dev.jubelet.dockershim.image.ListImages;
import dev.jubelet.dockershim.image.Pinned;
import dev.jubelet.dockershim.image.PullImage;
import dev.jubelet.dockershim.image.RemoveImage;
import dev.jubelet.dockershim.log.ContainerLogs;
import dev.jubelet.dockershim.log.FollowedLogs;
import dev.jubelet.dockershim.naming.Ownership;
import dev.jubelet.dockershim.network.CniNetwork;
import dev.jubelet.dockershim.network.DockerNetwork;
import dev.jubelet.dockershim.network.NoneNetwork;
import dev.jubelet.dockershim.network.PodNetwork;
import dev.jubelet.dockershim.pods.PodSummaries;
import dev.jubelet.dockershim.pods.Pods;
import dev.jubelet.dockershim.pods.Writes;
import dev.jubelet.dockershim.sandbox.ContainerEvents;
import dev.jubelet.dockershim.sandbox.ListPodSandbox;
import dev.jubelet.dockershim.sandbox.PodSandboxStatus;
import dev.jubelet.dockershim.sandbox.RemovePodSandbox;
import dev.jubelet.dockershim.sandbox.RunPodSandbox;
import dev.jubelet.dockershim.sandbox.SandboxImage;
import dev.jubelet.dockershim.sandbox.SandboxNetworks;
import dev.jubelet.dockershim.sandbox.StopPodSandbox;
import dev.jubelet.dockershim.security.SeccompProfile;
import dev.jubelet.dockershim.state.ContainerState;
import dev.jubelet.dockershim.stats.ContainerStatsReader;
import dev.jubelet.linux.KernelCalls;
import dev.jubelet.trace.Traces;
import dev.jubelet.trace.local.v1.InfoResponse;
import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The verbs and what they share, put together.
final class ShimParts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ShimParts.class);
  // About half of a create or a start is the engine waiting for itself: docs/performance.md.
  private static final int STARTS_AT_ONCE = 2 * Runtime.getRuntime().availableProcessors();
  private static final Duration LEND_AFTER = Duration.ofSeconds(1);
  private static final Duration FIRST_ANSWER = Duration.ofSeconds(5);
  private static final Duration SMALL_READ = Duration.ofSeconds(5);

  private final DockershimConfig config;
  private final Traces traces;
  private final DockerApi docker;
  private final ContainerState state;
  private final CheckpointStore checkpoints;
  private final String owner;
  private final SandboxImage image;
  private final WatchedEngine engine;
  private final Pods pods;
  private final PodNetwork network;
  private final SandboxNetworks networks;
  private final ContainerLogs logs;
  private final LogFollowing following;
  private final ContainerEvents events;
  private final StartGate gate;
  private final Writes writes;
  private final StopContainer stop;
  private final StopPodSandbox stopSandbox;

  ShimParts(
      DockershimConfig config,
      Traces traces,
      PrometheusRegistry registry,
      DockerApi docker,
      Probe probe,
      ContainerState state,
      String owner,
      CheckpointStore checkpoints)
      throws IOException {
    this.config = config;
    this.traces = traces;
    this.docker = docker;
    this.state = state;
    this.owner = owner;
    this.checkpoints = checkpoints;
    image = new SandboxImage(docker, config.sandboxImage(), config.pullIdle());
    engine =
        new WatchedEngine(docker, limits(probe), config.rootDirectory().resolve("engine.json"));
    pods = new Pods(state, new Ownership(owner, config.adopt()));
    network = network(config.network());
    networks = new SandboxNetworks(network);
    logs = new FollowedLogs(docker, config.rootDirectory().resolve("logs"), registry);
    following = new LogFollowing(logs, pods, engine);
    events = new ContainerEvents(pods, networks, following);
    gate = new StartGate(STARTS_AT_ONCE, 2 * STARTS_AT_ONCE, LEND_AFTER, traces);
    writes = new Writes(state, traces);
    stop = new StopContainer(pods, docker, writes, traces);
    stopSandbox = new StopPodSandbox(pods, checkpoints, networks, stop, traces);
    state.onChange(events::onChange);
    state.onChange(stopSandbox::onChange);
  }

  private WatchedEngine.Limits limits(Probe probe) {
    return new WatchedEngine.Limits() {
      @Override
      public Optional<String> refusal(EngineInfo info) {
        return probe.refusal(info);
      }

      @Override
      public Optional<String> oomNote() throws DockerException, InterruptedException {
        image.ensure();
        return probe
            .oomNote(image.reference())
            .map(why -> why + ": pods run with an oom_score_adj of 0 at least");
      }
    };
  }

  private PodNetwork network(DockershimConfig.Network choice) {
    PodNetwork chosen = switch (choice.plugin()) {
      case "cni" ->
        new CniNetwork(choice.confDir(), choice.binDirs(), choice.cacheDir(), owner, traces);
      case "docker" ->
        new DockerNetwork(id -> state.get(id).map(s -> s.inspect().ips()).orElse(List.of()));
      default -> new NoneNetwork();
    };
    if (!choice.podCidr().isEmpty()) {
      chosen.podCidr(choice.podCidr());
    }
    return chosen;
  }

  WatchedEngine engine() {
    return engine;
  }

  Pods pods() {
    return pods;
  }

  /// At start: an engine that is no good here is an error, one that is not there yet or hangs is
  /// none.
  void askEngineOnce() throws IOException {
    try {
      answersAtAll();
      engine.current();
    } catch (CriException e) {
      throw new IOException(e.getMessage(), e);
    } catch (DockerException e) {
      log.warn("starting without an engine: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking the engine", e);
    }
  }

  /// By a call of which nothing is left behind when it is given up.
  private void answersAtAll() throws DockerException {
    try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        CancellableContext patience = Context.current()
            .withDeadlineAfter(FIRST_ANSWER.toMillis(), TimeUnit.MILLISECONDS, timer)) {
      Context before = patience.attach();
      try {
        var _ = docker.version();
      } finally {
        patience.detach(before);
      }
    }
  }

  /// For the pods that run already: their logs go on, and what the network kept for sandboxes that
  /// are gone is freed.
  void takeUp() throws Exception {
    following.followAll();
    if (network instanceof CniNetwork cni) {
      cni.collect(this::sandboxIds);
    }
    stopSandbox.collect();
  }

  private Set<String> sandboxIds() {
    try {
      return pods.sandboxes().stream().map(s -> s.id()).collect(Collectors.toSet());
    } catch (DockerException e) {
      throw new IllegalStateException("the sandboxes cannot be listed: " + e.getMessage(), e);
    }
  }

  RuntimeVerbs runtimeVerbs() {
    Creation creation = new Creation(docker, state, pods, gate);
    SeccompProfile profiles = new SeccompProfile(
        path -> KernelCalls.call("read " + path, SMALL_READ, () -> Files.readAllBytes(path)));
    RemoveContainer remove = new RemoveContainer(pods, docker, writes, logs, traces);
    return new RuntimeVerbs(
        new Version(engine),
        new Status(state, network, engine, image.reference()),
        new RuntimeConfig(engine),
        new UpdateRuntimeConfig(network),
        new RunPodSandbox(
            image,
            engine,
            creation,
            checkpoints,
            docker,
            state,
            gate,
            network,
            networks,
            owner,
            traces),
        stopSandbox,
        new RemovePodSandbox(pods, checkpoints, networks, stopSandbox, remove, gate, traces),
        new PodSandboxStatus(pods, networks),
        new ListPodSandbox(pods, checkpoints),
        new CreateContainer(pods, creation, engine, profiles, owner, traces),
        new StartContainer(pods, docker, writes, gate, following, traces),
        stop,
        remove,
        new ListContainers(pods),
        new ContainerStatus(pods, following),
        new UpdateContainerResources(pods, docker, state),
        new ReopenContainerLog(pods, following),
        new ExecSync(pods, docker),
        new ContainerStats(pods, new ContainerStatsReader()::fill),
        events);
  }

  ImageServiceHandler.Verbs imageVerbs() {
    Pinned pinned = new Pinned(image::reference);
    KnownImages known = new KnownImages(docker, state);
    return new ImageServiceHandler.Verbs(
        new ListImages(docker, pinned),
        new ImageStatus(known, pinned),
        new PullImage(docker, known, traces, config.pullIdle()),
        new RemoveImage(docker, known),
        new ImageFsInfo(docker, () -> engine.lastKnown().rootDir()));
  }

  ShimLocalService localService() {
    InfoResponse info = InfoResponse.newBuilder()
        .setRole("shim")
        .setPid(ProcessHandle.current().pid())
        .setCriEndpoint("unix://" + config.socket())
        .setRootDir(config.rootDirectory().toString())
        .setStartedAt(TimeUnit.MILLISECONDS.toNanos(Instant.now().toEpochMilli()))
        .build();
    return new ShimLocalService(
        info, pods, new PodSummaries(traces.store(), networks::ips), traces.store(), state);
  }

  @Override
  public void close() {
    events.close();
    logs.close();
    network.close();
  }

  /// What is found out about an engine; [dev.jubelet.dockershim.docker.EngineProbe] outside tests.
  interface Probe {
    Optional<String> refusal(EngineInfo info);

    Optional<String> oomNote(String image) throws DockerException;
  }
}
