package dev.jubelet.dockershim.sandbox;

import dev.jubelet.cri.v1.DNSConfig;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.PodSandboxMetadata;
import dev.jubelet.cri.v1.RunPodSandboxRequest;
import dev.jubelet.cri.v1.RunPodSandboxResponse;
import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.checkpoint.CheckpointStore;
import dev.jubelet.dockershim.checkpoint.SandboxCheckpoint;
import dev.jubelet.dockershim.container.Creation;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.engine.Engine;
import dev.jubelet.dockershim.engine.EngineFacts;
import dev.jubelet.dockershim.gate.CallDeadline;
import dev.jubelet.dockershim.gate.StartGate;
import dev.jubelet.dockershim.gate.StartGate.Rank;
import dev.jubelet.dockershim.naming.DockerName;
import dev.jubelet.dockershim.naming.Labels;
import dev.jubelet.dockershim.network.NetworkException;
import dev.jubelet.dockershim.network.PodNetwork;
import dev.jubelet.dockershim.network.PodNetwork.HostPort;
import dev.jubelet.dockershim.network.PodNetwork.PodRef;
import dev.jubelet.dockershim.network.StubResolver;
import dev.jubelet.dockershim.pods.Writes;
import dev.jubelet.dockershim.security.NotBuilt;
import dev.jubelet.dockershim.state.ContainerState;
import dev.jubelet.dockershim.state.ContainerState.Seen;
import dev.jubelet.trace.Traces;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `RunPodSandbox`: claim host ports → ensure sandbox image → create sandbox → checkpoint →
/// start sandbox → resolv.conf → network. Docker is called three times (create, start,
/// inspect). What a failure leaves has a name, labels and a checkpoint, so that
/// RemovePodSandbox finds it; a sandbox whose network failed is stopped, and without a sandbox
/// the ports are free again.
public final class RunPodSandbox {
  private static final Logger log = LoggerFactory.getLogger(RunPodSandbox.class);
  private static final Duration STOP_GRACE = Duration.ofSeconds(10);

  private final StubResolver stubs = new StubResolver();
  private final SandboxImage image;
  private final Engine engine;
  private final Creation creation;
  private final CheckpointStore checkpoints;
  private final DockerApi docker;
  private final ContainerState state;
  private final Writes writes;
  private final StartGate gate;
  private final PodNetwork network;
  private final SandboxNetworks networks;
  private final String owner;
  private final Traces traces;

  public RunPodSandbox(
      SandboxImage image,
      Engine engine,
      Creation creation,
      CheckpointStore checkpoints,
      DockerApi docker,
      ContainerState state,
      StartGate gate,
      PodNetwork network,
      SandboxNetworks networks,
      String owner,
      Traces traces) {
    this.image = image;
    this.engine = engine;
    this.creation = creation;
    this.checkpoints = checkpoints;
    this.docker = docker;
    this.state = state;
    this.writes = new Writes(state, traces);
    this.gate = gate;
    this.network = network;
    this.networks = networks;
    this.owner = owner;
    this.traces = traces;
  }

  public RunPodSandboxResponse call(RunPodSandboxRequest request) throws Exception {
    Plan plan = plan(request);
    gate.arrived(plan.name().uid());
    String id = claimAndCreate(plan);
    traces.run("shim", "checkpoint", () -> checkpoint(id, plan));
    traces.run("shim", "start sandbox", () -> start(id, plan));
    boolean joins = !plan.hostNetwork();
    if (joins || !plan.resolvConf().isEmpty()) {
      Seen seen = state.get(id).orElseThrow(() -> vanished(id));
      if (!plan.resolvConf().isEmpty()) {
        traces.run("shim", "resolv.conf", () -> resolvConf(seen, plan));
      }
      if (joins) {
        traces.run("shim", "network", () -> join(seen, plan));
      }
    }
    return RunPodSandboxResponse.newBuilder().setPodSandboxId(id).build();
  }

  private String claimAndCreate(Plan plan) throws Exception {
    PodRef pod = pod("", plan);
    boolean made = false;
    try {
      if (!plan.hostNetwork()) {
        traces.run("shim", "claim host ports", () -> network.claim(pod, plan.ports()));
      }
      traces.run("shim", "ensure sandbox image", image::ensure);
      String id = traces.in("shim", "create sandbox", () -> create(plan));
      made = true;
      return id;
    } finally {
      if (!made) {
        network.unclaim(pod);
      }
    }
  }

  /// Everything that can be refused is refused here, before anything is made.
  private Plan plan(RunPodSandboxRequest request)
      throws DockerException, IOException, InterruptedException {
    PodSandboxConfig config = request.getConfig();
    if (!config.hasMetadata()) {
      throw CriException.invalid("config.metadata must be given");
    }
    NotBuilt.check(config, request.getRuntimeHandler());
    PodSandboxMetadata metadata = config.getMetadata();
    DockerName name = DockerName.sandbox(
        metadata.getName(), metadata.getNamespace(), metadata.getUid(), metadata.getAttempt());
    name.problem().ifPresent(problem -> {
      throw CriException.invalid(problem);
    });
    EngineFacts facts = engine.current();
    boolean hostNetwork = SandboxRequest.onHostNetwork(config);
    return new Plan(
        name,
        config,
        SandboxRequest.of(
            config,
            image.reference(),
            Labels.sandbox(name, config.getLabelsMap(), config.getAnnotationsMap(), owner),
            network,
            facts),
        SandboxRequest.ports(config),
        ResolvConf.text(hostNetwork ? config.getDnsConfig() : reachable(config.getDnsConfig())),
        hostNetwork,
        facts);
  }

  /// The servers that the pod can reach: not the host's own stub.
  private DNSConfig reachable(DNSConfig dns) throws IOException {
    return dns.toBuilder()
        .clearServers()
        .addAllServers(stubs.follow(dns.getServersList()))
        .build();
  }

  private String create(Plan plan) throws DockerException, InterruptedException, TimeoutException {
    try {
      return createNow(plan);
    } catch (DockerException e) {
      if (!e.isNotFound()) {
        throw e;
      }
      image.missing();
      image.ensure();
      return createNow(plan);
    }
  }

  private String createNow(Plan plan)
      throws DockerException, InterruptedException, TimeoutException {
    return creation.create(plan.name(), plan.request(), plan.rank(), Optional.of(""), plan.facts());
  }

  private void checkpoint(String id, Plan plan) throws IOException {
    checkpoints.write(
        id,
        new SandboxCheckpoint(
            plan.name().pod(),
            plan.name().namespace(),
            plan.name().uid(),
            plan.ports().stream()
                .map(p -> new SandboxCheckpoint.Port(
                    p.protocol(), p.containerPort(), p.hostPort(), p.hostIp()))
                .toList(),
            plan.hostNetwork()));
  }

  private void start(String id, Plan plan)
      throws DockerException, InterruptedException, TimeoutException {
    try {
      gate.pass(plan.name().uid(), plan.rank(), CallDeadline.left(), () -> {
        docker.startContainer(id);
        return id;
      });
    } catch (DockerException e) {
      writes.failed(id);
      throw e;
    }
    writes.started(id);
  }

  private static void resolvConf(Seen seen, Plan plan) throws IOException {
    String path = seen.inspect().resolvConfPath();
    if (!path.isEmpty()) {
      ResolvConf.write(Path.of(path), plan.resolvConf());
    }
  }

  private void join(Seen seen, Plan plan) {
    PodRef pod = pod(seen.inspect().id(), plan);
    try (WhileWanted _ = new WhileWanted()) {
      if (!seen.inspect().running()) {
        throw new NetworkException(
            "the sandbox ended with code " + seen.inspect().exitCode());
      }
      networks.setUp(pod, seen.inspect().pid(), plan.ports());
    } catch (NetworkException e) {
      undo(pod, seen, plan);
      throw new CriException(
          Status.Code.UNKNOWN,
          "failed to set up pod \"%s_%s\" network: %s"
              .formatted(plan.name().pod(), plan.name().namespace(), e.getMessage()),
          e);
    }
  }

  private static PodRef pod(String sandboxId, Plan plan) {
    return new PodRef(
        sandboxId,
        plan.name().namespace(),
        plan.name().pod(),
        plan.name().uid(),
        plan.config().getAnnotationsMap());
  }

  private void undo(PodRef pod, Seen seen, Plan plan) {
    try {
      networks.tearDown(pod, Optional.of(seen.inspect().pid()), plan.ports());
    } catch (NetworkException e) {
      log.warn("sandbox {}: {}", pod.sandboxId(), e.getMessage());
    }
    try {
      docker.stopContainer(pod.sandboxId(), STOP_GRACE);
    } catch (DockerException e) {
      log.warn("sandbox {}: {}", pod.sandboxId(), e.getMessage());
    } finally {
      writes.failed(pod.sandboxId());
    }
  }

  private static CriException vanished(String id) {
    return new CriException(
        Status.Code.ABORTED, "pod sandbox \"" + id + "\" was removed while it was started");
  }

  private record Plan(
      DockerName name,
      PodSandboxConfig config,
      DockerApi.CreateContainer request,
      List<HostPort> ports,
      String resolvConf,
      boolean hostNetwork,
      EngineFacts facts) {
    /// A pod that ran before, or one that the node needs, goes before new pods.
    Rank rank() {
      return name.attempt() > 0 || name.namespace().equals("kube-system")
          ? Rank.FIRST
          : Rank.NORMAL;
    }
  }
}
