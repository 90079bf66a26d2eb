package dev.jubelet.dockershim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.cri.CriChannel;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.PodSandboxMetadata;
import dev.jubelet.cri.v1.RunPodSandboxRequest;
import dev.jubelet.cri.v1.RuntimeServiceGrpc;
import dev.jubelet.cri.v1.StatusRequest;
import dev.jubelet.cri.v1.VersionRequest;
import dev.jubelet.cri.v1.VersionResponse;
import dev.jubelet.testkit.FakeDocker;
import dev.jubelet.testkit.Fault;
import dev.jubelet.trace.Recorder;
import dev.jubelet.trace.local.LocalClient;
import dev.jubelet.trace.local.v1.InfoRequest;
import io.grpc.Status;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockershimStartTest {
  @TempDir
  Path dir;

  private final Recorder traces = new Recorder(10, 100);

  @Test
  void startsWithoutAnEngineAndSaysSo() throws Exception {
    leaveStaleSocket(dir.resolve("cri.sock"));
    try (Dockershim shim = start();
        CriChannel channel = CriChannel.open("unix://" + shim.socket(), traces)) {
      var cri = RuntimeServiceGrpc.newBlockingStub(channel.channel());
      VersionResponse version = cri.version(VersionRequest.getDefaultInstance());
      assertThat(version.getRuntimeName()).isEqualTo("docker");
      assertThat(version.getRuntimeVersion()).isNotEmpty();
      assertThat(cri.status(StatusRequest.getDefaultInstance())
              .getStatus()
              .getConditions(0)
              .getReason())
          .isEqualTo("DockerDaemonNotReady");
      assertThatThrownBy(() -> cri.runPodSandbox(pod()))
          .satisfies(e ->
              assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.UNAVAILABLE));
      try (LocalClient local = LocalClient.open(dir.resolve("local.sock"))) {
        assertThat(local
                .within(Duration.ofSeconds(5))
                .info(InfoRequest.getDefaultInstance())
                .getRole())
            .isEqualTo("shim");
      }
    }
  }

  @Test
  void startsWhileTheEngineHangs() throws Exception {
    try (FakeDocker engine = FakeDocker.start(dir.resolve("docker.sock"))) {
      engine.fault(".*", new Fault.Hang(0));
      try (Dockershim shim = start();
          CriChannel channel = CriChannel.open("unix://" + shim.socket(), traces)) {
        var cri = RuntimeServiceGrpc.newBlockingStub(channel.channel());
        assertThat(cri.version(VersionRequest.getDefaultInstance()).getRuntimeName())
            .isEqualTo("docker");
      } finally {
        engine.heal();
      }
    }
  }

  @Test
  void aSecondOneOnTheSameRootIsRefused() throws Exception {
    try (Dockershim first = start()) {
      assertThat(first.socket()).exists();
      assertThatThrownBy(this::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
      assertThat(first.socket()).exists();
    }
    start().close();
  }

  @Test
  void filesOfANewerVersionAreRefusedAndLeftAlone() throws Exception {
    Path root = dir.resolve("root");
    start().close();
    String owner = Files.readString(root.resolve("owner"));
    Path checkpoint = Files.writeString(root.resolve("sandbox/abc"), "{\"version\":\"v2\"}");
    Path state = Files.writeString(root.resolve("jubelet-state"), "2\n");
    assertThatThrownBy(this::start)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(root + " holds files of a newer Jubelet");
    assertThat(checkpoint).hasContent("{\"version\":\"v2\"}");
    assertThat(state).hasContent("2");

    Files.delete(state); // as a version before there were numbers left it
    Files.delete(checkpoint);
    start().close();
    assertThat(state).hasContent("1");
    assertThat(root.resolve("owner")).hasContent(owner);
  }

  private static void leaveStaleSocket(Path path) throws IOException {
    try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.bind(UnixDomainSocketAddress.of(path));
    }
    assertThat(path).exists();
  }

  private Dockershim start() throws IOException {
    DockershimConfig config = DockershimConfig.of(dir.resolve("cri.sock"), dir.resolve("root"))
        .withDockerEndpoint("unix://" + dir.resolve("docker.sock"))
        .withNetwork(DockershimConfig.Network.of("none"))
        .withLocalSocket(dir.resolve("local.sock"));
    return Dockershim.start(config, traces, new PrometheusRegistry());
  }

  private static RunPodSandboxRequest pod() {
    PodSandboxMetadata metadata = PodSandboxMetadata.newBuilder()
        .setName("p")
        .setNamespace("n")
        .setUid("u")
        .build();
    return RunPodSandboxRequest.newBuilder()
        .setConfig(PodSandboxConfig.newBuilder().setMetadata(metadata))
        .build();
  }
}
