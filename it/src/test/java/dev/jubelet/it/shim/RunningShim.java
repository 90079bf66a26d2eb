package dev.jubelet.it.shim;

import dev.jubelet.cri.CriChannel;
import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.ContainerMetadata;
import dev.jubelet.cri.v1.ContainerStatus;
import dev.jubelet.cri.v1.ContainerStatusRequest;
import dev.jubelet.cri.v1.CreateContainerRequest;
import dev.jubelet.cri.v1.ImageSpec;
import dev.jubelet.cri.v1.ListPodSandboxRequest;
import dev.jubelet.cri.v1.PodSandbox;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.PodSandboxMetadata;
import dev.jubelet.cri.v1.RemovePodSandboxRequest;
import dev.jubelet.cri.v1.RunPodSandboxRequest;
import dev.jubelet.cri.v1.RuntimeServiceGrpc;
import dev.jubelet.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import dev.jubelet.cri.v1.StartContainerRequest;
import dev.jubelet.cri.v1.StopPodSandboxRequest;
import dev.jubelet.dockershim.Dockershim;
import dev.jubelet.dockershim.DockershimConfig;
import dev.jubelet.it.Engine;
import dev.jubelet.trace.Recorder;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A shim of our own on the tests' engine, and a client of it. Removes its pods when it is closed
/// for good.
final class RunningShim implements AutoCloseable {
  static final String IMAGE = "jubelet/busybox:1";

  final Path dir;
  final Path socket;
  private final DockershimConfig config;
  private Recorder traces = new Recorder(100, 1000);
  private Dockershim shim;
  private CriChannel channel;

  RunningShim(Path dir) throws IOException {
    this(dir, false);
  }

  RunningShim(Path dir, boolean adopt) throws IOException {
    this.dir = dir;
    this.socket = dir.resolve("cri.sock");
    this.config = DockershimConfig.of(socket, dir.resolve("root"))
        .withDockerEndpoint("unix://" + Engine.socket())
        .withNetwork(DockershimConfig.Network.of("docker"))
        .withAdopt(adopt);
    Files.createDirectories(logs());
    shim = Dockershim.start(config, traces, new PrometheusRegistry());
    channel = CriChannel.open("unix://" + socket, traces);
  }

  Path logs() {
    return dir.resolve("logs");
  }

  Recorder traces() {
    return traces;
  }

  RuntimeServiceBlockingStub cri() {
    return RuntimeServiceGrpc.newBlockingStub(channel.channel())
        .withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  /// Ends the shim and starts another on the same root; the engine is left as it is.
  void restart() throws IOException {
    stop();
    traces = new Recorder(100, 1000);
    shim = Dockershim.start(config, traces, new PrometheusRegistry());
    channel = CriChannel.open("unix://" + socket, traces);
  }

  /// Ends the shim; the engine is left as it is.
  void stop() {
    channel.close();
    shim.close();
    traces.close();
  }

  PodSandboxConfig.Builder pod(String name) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(PodSandboxMetadata.newBuilder()
            .setName(name)
            .setNamespace("shim-it")
            .setUid("uid-" + name + "-" + System.nanoTime()))
        .setHostname(name)
        .setLogDirectory(logs().toString());
  }

  ContainerConfig.Builder container(String name, String script) {
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

  String start(String sandbox, PodSandboxConfig.Builder pod, ContainerConfig.Builder container) {
    String id = cri()
        .createContainer(CreateContainerRequest.newBuilder()
            .setPodSandboxId(sandbox)
            .setSandboxConfig(pod)
            .setConfig(container)
            .build())
        .getContainerId();
    var _ = cri()
        .startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
    return id;
  }

  ContainerStatus status(String id) {
    return cri()
        .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(id).build())
        .getStatus();
  }

  List<PodSandbox> sandboxes() {
    return cri().listPodSandbox(ListPodSandboxRequest.getDefaultInstance()).getItemsList();
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
    sandboxes().forEach(s -> remove(s.getId()));
    stop();
  }
}
