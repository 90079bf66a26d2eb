package dev.jubelet.it.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.jubelet.cri.v1.ContainerState;
import dev.jubelet.cri.v1.ContainerStatus;
import dev.jubelet.cri.v1.ExecSyncRequest;
import dev.jubelet.cri.v1.ExecSyncResponse;
import dev.jubelet.cri.v1.ImageSpec;
import dev.jubelet.cri.v1.LinuxContainerConfig;
import dev.jubelet.cri.v1.LinuxContainerResources;
import dev.jubelet.cri.v1.ListContainersRequest;
import dev.jubelet.cri.v1.Mount;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.PodSandboxStatusRequest;
import dev.jubelet.cri.v1.RemoveContainerRequest;
import dev.jubelet.cri.v1.ReopenContainerLogRequest;
import dev.jubelet.cri.v1.StopContainerRequest;
import dev.jubelet.dockershim.docker.DockerApiOptions;
import dev.jubelet.dockershim.docker.HttpDockerApi;
import dev.jubelet.it.Docker;
import dev.jubelet.it.Engine;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the shim does to a real engine.
class ShimLifecycleTest {
  @TempDir
  Path dir;

  private RunningShim shim;

  @BeforeEach
  void start() throws Exception {
    shim = new RunningShim(dir);
  }

  @AfterEach
  void end() {
    shim.close();
  }

  @Test
  void aRestartOfTheShimTouchesNoContainerAndLogsGoOn() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("stays");
    String sandbox = shim.run(pod);
    String id = shim.start(
        sandbox,
        pod,
        shim.container("c", "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.2; done"));
    Path log = shim.logs().resolve("c.log");
    await().until(() -> Files.readAllLines(log).size() > 2);
    long startedAt = shim.status(id).getStartedAt();
    String ip = ip(sandbox);
    shim.restart();
    int before = Files.readAllLines(log).size();
    await().until(() -> Files.readAllLines(log).size() > before + 2);
    List<String> lines = Files.readAllLines(log);
    for (int i = 0; i < lines.size(); i++) {
      assertThat(lines.get(i)).endsWith(" stdout F line " + (i + 1));
    }
    assertThat(shim.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(shim.status(id).getStartedAt()).isEqualTo(startedAt);
    assertThat(ip(sandbox)).isEqualTo(ip).isNotEmpty();
  }

  @Test
  void aTimedOutExecLeavesNoProcess() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("probe");
    String id = shim.start(shim.run(pod), pod, shim.container("c", "sleep 1000"));
    assertThatThrownBy(() -> exec(id, 1, "sleep 4321 & sleep 4322"))
        .satisfies(e ->
            assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    assertThat(exec(id, 10, "ps").getStdout().toStringUtf8())
        .contains("sleep 1000")
        .doesNotContain("sleep 432");
  }

  @Test
  void execSyncCapsItsOutput() {
    PodSandboxConfig.Builder pod = shim.pod("loud");
    String id = shim.start(shim.run(pod), pod, shim.container("c", "sleep 1000"));
    ExecSyncResponse loud = exec(id, 50, "dd if=/dev/zero bs=1M count=40 2>/dev/null; exit 7");
    assertThat(loud.getExitCode()).isEqualTo(7);
    assertThat(loud.getStdout().size()).isBetween(15 << 20, 16 << 20);
  }

  @Test
  void anExitIsTold() {
    PodSandboxConfig.Builder pod = shim.pod("ends");
    String id = shim.start(shim.run(pod), pod, shim.container("c", "echo last words; exit 3"));
    await().until(() -> shim.status(id).getState() == ContainerState.CONTAINER_EXITED);
    ContainerStatus status = shim.status(id);
    assertThat(status.getExitCode()).isEqualTo(3);
    assertThat(status.getReason()).isEqualTo("Error");
    assertThat(status.getFinishedAt()).isGreaterThanOrEqualTo(status.getStartedAt());
    assertThat(shim.logs().resolve("c.log")).content().endsWith(" stdout F last words\n");
  }

  @Test
  void anOutOfMemoryKillIsNamed() {
    PodSandboxConfig.Builder pod = shim.pod("oom");
    String id = shim.start(
        shim.run(pod),
        pod,
        shim.container("c", "dd if=/dev/zero of=/dev/null bs=64M")
            .setLinux(LinuxContainerConfig.newBuilder()
                .setResources(
                    LinuxContainerResources.newBuilder().setMemoryLimitInBytes(15L << 20))));
    await().until(() -> shim.status(id).getState() == ContainerState.CONTAINER_EXITED);
    ContainerStatus status = shim.status(id);
    assertThat(status.getReason()).as("%s", status).isEqualTo("OOMKilled");
    assertThat(status.getExitCode()).isEqualTo(137);
  }

  @Test
  void aFailedStartIsAnErrorAndAState() {
    PodSandboxConfig.Builder pod = shim.pod("broken");
    String sandbox = shim.run(pod);
    assertThatThrownBy(() ->
            shim.start(sandbox, pod, shim.container("c", "").clearCommand().addCommand("/no/such")))
        .hasMessageContaining("failed to start container");
    String id = shim.cri()
        .listContainers(ListContainersRequest.getDefaultInstance())
        .getContainers(0)
        .getId();
    ContainerStatus status = shim.status(id);
    assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(status.getReason()).isEqualTo("ContainerCannotRun");
  }

  @Test
  void aHostPathMustExist() {
    PodSandboxConfig.Builder pod = shim.pod("mounts");
    String sandbox = shim.run(pod);
    assertThatThrownBy(() -> shim.start(
            sandbox,
            pod,
            shim.container("c", "true")
                .addMounts(Mount.newBuilder().setHostPath("/no/such").setContainerPath("/m"))))
        .hasMessageContaining("mounts[/m].host_path");
    assertThat(Path.of("/no/such")).doesNotExist();
  }

  @Test
  void ofASandboxRemovedByHandNothingIsKept() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("by-hand");
    String sandbox = shim.run(pod);
    try (HttpDockerApi docker = new HttpDockerApi(Engine.socket(), DockerApiOptions.DEFAULTS)) {
      docker.removeContainer(sandbox, true);
    }
    await()
        .untilAsserted(
            () -> assertThat(shim.sandboxes()).noneMatch(s -> s.getId().equals(sandbox)));
    shim.remove(sandbox);
  }

  @Test
  void aLogIsReopened() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("rotates");
    String id = shim.start(
        shim.run(pod), pod, shim.container("c", "while :; do echo tick; sleep 0.1; done"));
    Path log = shim.logs().resolve("c.log");
    await().until(() -> Files.size(log) > 0);
    Path rotated = Files.move(log, shim.logs().resolve("c.log.1"));
    var _ = shim.cri()
        .reopenContainerLog(
            ReopenContainerLogRequest.newBuilder().setContainerId(id).build());
    assertThat(log).exists();
    long size = Files.size(rotated);
    await().until(() -> Files.size(log) > 0);
    assertThat(Files.size(rotated)).isEqualTo(size);
  }

  /// As a container of cri-dockerd's: its log is a link, which the kubelet renames to rotate it.
  @Test
  void anAdoptedContainersLogIsOursFromItsFirstReopening() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("adopted");
    Map<String, String> labels = Map.of(
        "io.kubernetes.pod.name", "adopted",
        "io.kubernetes.pod.namespace", pod.getMetadata().getNamespace(),
        "io.kubernetes.pod.uid", pod.getMetadata().getUid());
    pod.putAllLabels(labels);
    String id = shim.start(
        shim.run(pod),
        pod,
        shim.container("c", "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.1; done")
            .putAllLabels(labels)
            .putLabels("io.kubernetes.container.name", "c"));
    Path log = shim.logs().resolve("c.log");
    await().until(() -> Files.size(log) > 0);
    shim.stop();
    Files.delete(log);
    Path docker = Path.of(Docker.inspect(id, "{{.LogPath}}"));
    Path rotated = Files.createSymbolicLink(shim.logs().resolve("c.log.20261101-100000"), docker);
    shim = new RunningShim(Files.createDirectory(dir.resolve("other")), true);
    assertThat(shim.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    var _ = shim.cri()
        .reopenContainerLog(
            ReopenContainerLogRequest.newBuilder().setContainerId(id).build());
    await().until(() -> Files.size(log) > 0);
    int first = number(Files.readAllLines(log).getFirst());
    assertThat(first).as("the history is not copied").isGreaterThan(1);
    assertThat(rotated).isSymbolicLink();
    shim.restart();
    int seen = Files.readAllLines(log).size();
    await().until(() -> Files.readAllLines(log).size() > seen + 2);
    List<String> lines = Files.readAllLines(log);
    for (int i = 0; i < lines.size(); i++) {
      assertThat(lines.get(i)).endsWith(" stdout F line " + (first + i));
    }
  }

  private static int number(String line) {
    return Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
  }

  @Test
  void stoppingAndRemovingWhatIsGoneIsNoError() {
    PodSandboxConfig.Builder pod = shim.pod("twice");
    String sandbox = shim.run(pod);
    String id = shim.start(sandbox, pod, shim.container("c", "sleep 1000"));
    for (int i = 0; i < 2; i++) {
      var _ = shim.cri()
          .stopContainer(StopContainerRequest.newBuilder().setContainerId(id).build());
    }
    for (int i = 0; i < 2; i++) {
      var _ = shim.cri()
          .removeContainer(
              RemoveContainerRequest.newBuilder().setContainerId(id).build());
    }
    for (int i = 0; i < 2; i++) {
      shim.remove(sandbox);
    }
    assertThat(shim.sandboxes()).isEmpty();
  }

  @Test
  void aPodsStartTakesSixDockerCalls() {
    PodSandboxConfig.Builder pod = shim.pod("budget");
    String image = imageId();
    String uid = pod.getMetadata().getUid();
    var container = shim.container("c", "sleep 1000");
    container.setImage(ImageSpec.newBuilder().setImage(image));
    PodSandboxConfig.Builder warmUp = shim.pod("warm-up");
    assertThat(shim.start(shim.run(warmUp), warmUp, container.clone())).isNotEmpty();
    String second = shim.start(shim.run(pod), pod, container);
    assertThat(shim.status(second).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(shim.traces().store().spansOf(uid))
        .filteredOn(s -> s.getKind().equals("docker"))
        .hasSizeLessThanOrEqualTo(6);
  }

  private String imageId() {
    try (HttpDockerApi docker = new HttpDockerApi(Engine.socket(), DockerApiOptions.DEFAULTS)) {
      return docker.inspectImage(RunningShim.IMAGE).orElseThrow().id();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private String ip(String sandbox) {
    return shim.cri()
        .podSandboxStatus(
            PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox).build())
        .getStatus()
        .getNetwork()
        .getIp();
  }

  private ExecSyncResponse exec(String id, int seconds, String script) {
    return shim.cri()
        .execSync(ExecSyncRequest.newBuilder()
            .setContainerId(id)
            .addAllCmd(List.of("/bin/sh", "-c", script))
            .setTimeout(seconds)
            .build());
  }
}
