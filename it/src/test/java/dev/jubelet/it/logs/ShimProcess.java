package dev.jubelet.it.logs;

import static org.awaitility.Awaitility.await;

import dev.jubelet.cri.CriChannel;
import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.ContainerMetadata;
import dev.jubelet.cri.v1.ContainerState;
import dev.jubelet.cri.v1.ContainerStatusRequest;
import dev.jubelet.cri.v1.ContainerStatusResponse;
import dev.jubelet.cri.v1.CreateContainerRequest;
import dev.jubelet.cri.v1.ImageSpec;
import dev.jubelet.cri.v1.LinuxPodSandboxConfig;
import dev.jubelet.cri.v1.LinuxSandboxSecurityContext;
import dev.jubelet.cri.v1.ListPodSandboxRequest;
import dev.jubelet.cri.v1.NamespaceMode;
import dev.jubelet.cri.v1.NamespaceOption;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.PodSandboxMetadata;
import dev.jubelet.cri.v1.RemovePodSandboxRequest;
import dev.jubelet.cri.v1.ReopenContainerLogRequest;
import dev.jubelet.cri.v1.RunPodSandboxRequest;
import dev.jubelet.cri.v1.RuntimeServiceGrpc;
import dev.jubelet.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import dev.jubelet.cri.v1.StartContainerRequest;
import dev.jubelet.cri.v1.StopPodSandboxRequest;
import dev.jubelet.it.Engine;
import dev.jubelet.it.Jubelet;
import dev.jubelet.trace.Recorder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// `jubelet dockershim` on an engine, to be killed and started again, with a client. Its pods
/// share the host's network; they are removed at the end.
final class ShimProcess implements AutoCloseable {
  static final String IMAGE = "jubelet/busybox:1";
  static final Duration SOON = Duration.ofSeconds(90);

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Path dir;
  private final Path engine;
  private final Recorder traces = new Recorder(10, 100);
  private Jubelet process;
  private CriChannel channel;

  ShimProcess() throws IOException {
    this(Engine.socket());
  }

  ShimProcess(Path engine) throws IOException {
    this.dir = Files.createDirectories(Engine.work().resolve("logs-" + COUNT.incrementAndGet()));
    this.engine = engine;
    this.process = spawn();
    this.channel = connect();
  }

  /// Starts the process, and waits for nothing.
  Jubelet spawn() throws IOException {
    return Jubelet.start(
        "dockershim",
        "--container-runtime-endpoint=unix://" + socket(),
        "--cri-dockerd-root-directory=" + dir.resolve("root"),
        "--docker-endpoint=unix://" + engine,
        "--network-plugin=none");
  }

  void start() throws IOException {
    process = spawn();
    channel = connect();
  }

  private CriChannel connect() {
    await().atMost(SOON).until(() -> {
      if (!process.alive()) {
        throw new AssertionError("the shim ended by itself: " + process);
      }
      return process.err().contains("Start dockershim grpc server");
    });
    return CriChannel.open("unix://" + socket(), traces);
  }

  void kill9() throws InterruptedException {
    channel.close();
    process.kill9();
  }

  /// An orderly end.
  void stop() {
    channel.close();
    process.close();
  }

  Path dir() {
    return dir;
  }

  Path root() {
    return dir.resolve("root");
  }

  private Path socket() {
    return dir.resolve("cri.sock");
  }

  String err() {
    return process.err();
  }

  RuntimeServiceBlockingStub cri() {
    return RuntimeServiceGrpc.newBlockingStub(channel.channel())
        .withDeadlineAfter(120, TimeUnit.SECONDS);
  }

  PodSandboxConfig.Builder pod(String name) throws IOException {
    return pod(name, Files.createDirectories(dir.resolve("pods").resolve(name)));
  }

  PodSandboxConfig.Builder pod(String name, Path logDirectory) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(PodSandboxMetadata.newBuilder()
            .setName(name)
            .setNamespace("logs-it")
            .setUid("uid-" + name + "-" + System.nanoTime()))
        .setLogDirectory(logDirectory.toString())
        .setLinux(LinuxPodSandboxConfig.newBuilder()
            .setSecurityContext(LinuxSandboxSecurityContext.newBuilder()
                .setNamespaceOptions(NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE))));
  }

  static ContainerConfig.Builder container(String name, String script) {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName(name))
        .setImage(ImageSpec.newBuilder().setImage(IMAGE))
        .addAllCommand(List.of("/bin/sh", "-c", script))
        .setLogPath(name + ".log");
  }

  String run(PodSandboxConfig.Builder pod) {
    return cri()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
        .getPodSandboxId();
  }

  String create(String sandbox, PodSandboxConfig.Builder pod, ContainerConfig.Builder container) {
    return cri()
        .createContainer(CreateContainerRequest.newBuilder()
            .setPodSandboxId(sandbox)
            .setSandboxConfig(pod)
            .setConfig(container)
            .build())
        .getContainerId();
  }

  String start(String sandbox, PodSandboxConfig.Builder pod, ContainerConfig.Builder container) {
    String id = create(sandbox, pod, container);
    start(id);
    return id;
  }

  void start(String id) {
    var _ = cri()
        .startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
  }

  void reopen(String id) {
    var _ = cri()
        .reopenContainerLog(
            ReopenContainerLogRequest.newBuilder().setContainerId(id).build());
  }

  ContainerStatusResponse status(String id) {
    return cri()
        .containerStatus(ContainerStatusRequest.newBuilder()
            .setContainerId(id)
            .setVerbose(true)
            .build());
  }

  void awaitExit(String id) {
    await()
        .atMost(SOON)
        .until(() -> status(id).getStatus().getState() == ContainerState.CONTAINER_EXITED);
  }

  void remove(String sandbox) {
    var _ = cri()
        .stopPodSandbox(
            StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
    var _ = cri()
        .removePodSandbox(
            RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
  }

  @Override
  public void close() {
    cri()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList()
        .forEach(sandbox -> remove(sandbox.getId()));
    stop();
    traces.close();
  }

  @Override
  public String toString() {
    return process.toString();
  }
}
