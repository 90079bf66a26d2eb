package dev.jubelet.dockershim;

import dev.jubelet.cri.CriChannel;
import dev.jubelet.cri.CriServer;
import dev.jubelet.cri.TracingServerInterceptor;
import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.ContainerMetadata;
import dev.jubelet.cri.v1.CreateContainerRequest;
import dev.jubelet.cri.v1.ImageSpec;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.PodSandboxMetadata;
import dev.jubelet.cri.v1.RunPodSandboxRequest;
import dev.jubelet.cri.v1.RuntimeServiceGrpc;
import dev.jubelet.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import dev.jubelet.cri.v1.StartContainerRequest;
import dev.jubelet.dockershim.checkpoint.CheckpointStore;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.EngineInfo;
import dev.jubelet.dockershim.docker.DockerApiOptions;
import dev.jubelet.dockershim.docker.HttpDockerApi;
import dev.jubelet.dockershim.docker.MeasuredDockerApi;
import dev.jubelet.dockershim.grpc.ImageServiceHandler;
import dev.jubelet.dockershim.grpc.RuntimeServiceHandler;
import dev.jubelet.dockershim.state.EventFedState;
import dev.jubelet.testkit.FakeDocker;
import dev.jubelet.trace.Recorder;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The whole shim over a fake dockerd, asked over its socket.
final class ShimHarness implements AutoCloseable {
  static final String IMAGE = "sha256:" + "1".repeat(64);

  final FakeDocker fake;
  final Path root;
  final Recorder traces = new Recorder(100, 1000);
  final ShimParts parts;
  final RuntimeServiceBlockingStub cri;
  private final DockerApi docker;
  private final EventFedState state;
  private final CriServer server;
  private final CriChannel channel;

  ShimHarness(Path dir, boolean adopt) throws IOException {
    this(dir, adopt, "none");
  }

  ShimHarness(Path dir, boolean adopt, String network) throws IOException {
    root = Files.createDirectories(dir.resolve("root"));
    fake = FakeDocker.start(dir.resolve("docker.sock"));
    fake.engine().addImage(IMAGE, IMAGE, java.util.Map.of("annotation.from", "the image"));
    fake.engine().addImage("pause:1", "sha256:" + "2".repeat(64), java.util.Map.of());
    DockerApiOptions options = DockerApiOptions.timeout(Duration.ofSeconds(20));
    PrometheusRegistry registry = new PrometheusRegistry();
    docker = new MeasuredDockerApi(new HttpDockerApi(fake.socket(), options), traces, registry);
    state = new EventFedState(docker);
    DockershimConfig config = DockershimConfig.of(dir.resolve("cri.sock"), root)
        .withNetwork(DockershimConfig.Network.of(network))
        .withSandboxImage(Optional.of("pause:1"))
        .withAdopt(adopt);
    CheckpointStore checkpoints = new CheckpointStore(root.resolve("sandbox"));
    parts = new ShimParts(config, traces, registry, docker, ANY_ENGINE, state, "me", checkpoints);
    server = CriServer.start(
        config.socket(),
        0600,
        new RuntimeServiceHandler(parts.runtimeVerbs(), parts.pods()),
        new ImageServiceHandler(parts.imageVerbs()),
        List.of(new TracingServerInterceptor(traces)));
    channel = CriChannel.open("unix://" + config.socket(), traces);
    cri = RuntimeServiceGrpc.newBlockingStub(channel.channel());
  }

  private static final ShimParts.Probe ANY_ENGINE = new ShimParts.Probe() {
    @Override
    public Optional<String> refusal(EngineInfo info) {
      return Optional.empty();
    }

    @Override
    public Optional<String> oomNote(String image) {
      return Optional.of("a fake lowers nothing");
    }
  };

  PodSandboxConfig.Builder pod(String name) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(PodSandboxMetadata.newBuilder()
            .setName(name)
            .setNamespace("default")
            .setUid("uid-" + name))
        .putLabels("app", name)
        .putAnnotations("a/b", "c")
        .setLogDirectory(root.resolve("pods").toString());
  }

  ContainerConfig.Builder container(String name) {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName(name))
        .setImage(ImageSpec.newBuilder().setImage(IMAGE).setUserSpecifiedImage("busybox:1"))
        .setLogPath(name + ".log")
        .putLabels("l", "m");
  }

  String run(PodSandboxConfig.Builder pod) {
    return cri.runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
        .getPodSandboxId();
  }

  String create(String sandbox, PodSandboxConfig.Builder pod, ContainerConfig.Builder container) {
    return cri.createContainer(CreateContainerRequest.newBuilder()
            .setPodSandboxId(sandbox)
            .setSandboxConfig(pod)
            .setConfig(container)
            .build())
        .getContainerId();
  }

  String start(String sandbox, PodSandboxConfig.Builder pod, String name) throws IOException {
    Files.createDirectories(root.resolve("pods"));
    String id = create(sandbox, pod, container(name));
    var _ =
        cri.startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
    return id;
  }

  @Override
  public void close() throws IOException {
    channel.close();
    server.close();
    parts.close();
    state.close();
    docker.close();
    fake.close();
    traces.close();
  }
}
