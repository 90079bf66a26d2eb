package dev.jubelet.dockershim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.jubelet.cri.v1.AttachRequest;
import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.ContainerEventResponse;
import dev.jubelet.cri.v1.ContainerEventType;
import dev.jubelet.cri.v1.ContainerFilter;
import dev.jubelet.cri.v1.ContainerState;
import dev.jubelet.cri.v1.ContainerStateValue;
import dev.jubelet.cri.v1.ContainerStatsRequest;
import dev.jubelet.cri.v1.ContainerStatus;
import dev.jubelet.cri.v1.ContainerStatusRequest;
import dev.jubelet.cri.v1.ExecRequest;
import dev.jubelet.cri.v1.ExecSyncRequest;
import dev.jubelet.cri.v1.ExecSyncResponse;
import dev.jubelet.cri.v1.GetEventsRequest;
import dev.jubelet.cri.v1.ListContainerStatsRequest;
import dev.jubelet.cri.v1.ListContainersRequest;
import dev.jubelet.cri.v1.ListPodSandboxRequest;
import dev.jubelet.cri.v1.PodSandbox;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.PodSandboxFilter;
import dev.jubelet.cri.v1.PodSandboxState;
import dev.jubelet.cri.v1.PodSandboxStatusRequest;
import dev.jubelet.cri.v1.PodSandboxStatusResponse;
import dev.jubelet.cri.v1.PortMapping;
import dev.jubelet.cri.v1.RemoveContainerRequest;
import dev.jubelet.cri.v1.RemovePodSandboxRequest;
import dev.jubelet.cri.v1.RunPodSandboxRequest;
import dev.jubelet.cri.v1.RuntimeConfigRequest;
import dev.jubelet.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import dev.jubelet.cri.v1.StartContainerRequest;
import dev.jubelet.cri.v1.StatusRequest;
import dev.jubelet.cri.v1.StatusResponse;
import dev.jubelet.cri.v1.StopContainerRequest;
import dev.jubelet.cri.v1.StopPodSandboxRequest;
import dev.jubelet.cri.v1.StreamContainersRequest;
import dev.jubelet.cri.v1.UpdateContainerResourcesRequest;
import dev.jubelet.cri.v1.UpdateRuntimeConfigRequest;
import dev.jubelet.cri.v1.VersionRequest;
import dev.jubelet.dockershim.checkpoint.CheckpointStore;
import dev.jubelet.dockershim.checkpoint.SandboxCheckpoint;
import dev.jubelet.dockershim.naming.Labels;
import dev.jubelet.testkit.FakeContainer;
import dev.jubelet.testkit.Fault;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The verbs over a fake dockerd, each through its whole way: socket, handler, Engine API.
class DockershimVerbsTest {
  @TempDir
  Path dir;

  private ShimHarness shim;

  @BeforeEach
  void open() throws Exception {
    shim = new ShimHarness(dir, false);
  }

  @AfterEach
  void close() throws Exception {
    shim.close();
  }

  @Test
  void aOneContainerPodTakesSixDockerCalls() throws Exception {
    shim.run(shim.pod("warm-up"));
    shim.fake.forgetCalls();
    PodSandboxConfig.Builder pod = shim.pod("web");
    String sandbox = shim.run(pod);
    assertThat(calls()).containsExactly("create", "start", "inspect");
    String id = shim.start(sandbox, pod, "c");
    assertThat(status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(sandboxes(PodSandboxFilter.getDefaultInstance())).hasSize(2);
    assertThat(calls()).containsExactly("create", "start", "inspect", "create", "start", "inspect");
  }

  @Test
  void aSandboxIsNamedLabelledAndConfined() {
    String id = shim.run(shim.pod("web").setHostname("h"));
    FakeContainer made = shim.fake.engine().container(id).orElseThrow();
    assertThat(made.name).isEqualTo("k8s_POD_web_default_uid-web_0");
    assertThat(made.hostConfig().path("NetworkMode").asString()).isEqualTo("none");
    assertThat(made.hostConfig().path("IpcMode").asString()).isEqualTo("shareable");
    assertThat(made.hostConfig().path("OomScoreAdj").asInt()).isZero();
    assertThat(
            made.hostConfig().path("LogConfig").path("Config").path("max-file").asString())
        .isEqualTo("5");
    assertThat(shim.root.resolve("sandbox").resolve(id)).exists();
    PodSandboxStatusResponse status = sandbox(id);
    assertThat(status.getStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
    assertThat(status.getStatus().getMetadata().getName()).isEqualTo("web");
    assertThat(status.getStatus().getLabelsMap()).containsOnly(Map.entry("app", "web"));
    assertThat(status.getStatus().getAnnotationsMap()).containsOnly(Map.entry("a/b", "c"));
    assertThat(status.getTimestamp()).isPositive();
  }

  @Test
  void aContainerJoinsItsSandboxAndTellsWhatItIs() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("web");
    String sandbox = shim.run(pod);
    String id = shim.create(sandbox, pod, shim.container("c"));
    ContainerStatus created = status(id);
    assertThat(created.getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
    assertThat(created.getImageRef()).isEqualTo(ShimHarness.IMAGE).isEqualTo(created.getImageId());
    assertThat(created.getImage().getImage()).isEqualTo("busybox:1");
    assertThat(created.getStartedAt()).isZero();
    assertThat(created.getLogPath()).isEqualTo(shim.root.resolve("pods/c.log").toString());
    assertThat(created.getLabelsMap()).containsOnly(Map.entry("l", "m"));
    assertThat(created.getAnnotationsMap()).isEmpty();
    FakeContainer made = shim.fake.engine().container(id).orElseThrow();
    assertThat(made.hostConfig().path("NetworkMode").asString()).isEqualTo("container:" + sandbox);
    assertThat(made.hostConfig().path("PidMode").asString()).isEqualTo("container:" + sandbox);
  }

  @Test
  void theLogFileExistsWhenTheContainerIsStarted() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("web");
    shim.start(shim.run(pod), pod, "c");
    assertThat(shim.root.resolve("pods/c.log")).exists();
  }

  @Test
  void ofAContainerRemovedByHandNothingIsKept() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("web");
    String id = shim.start(shim.run(pod), pod, "c");
    Path checkpoint = shim.root.resolve("logs/" + id + ".log-checkpoint");
    await().untilAsserted(() -> assertThat(checkpoint).exists());
    shim.fake.engine().remove(id);
    await().untilAsserted(() -> assertThat(checkpoint).doesNotExist());
  }

  @Test
  void anExitIsShownWithItsReason() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("web");
    String id = shim.start(shim.run(pod), pod, "c");
    shim.fake.engine().die(id, 3);
    await().until(() -> status(id).getState() == ContainerState.CONTAINER_EXITED);
    ContainerStatus status = status(id);
    assertThat(status.getExitCode()).isEqualTo(3);
    assertThat(status.getReason()).isEqualTo("Error");
    assertThat(status.getFinishedAt()).isPositive();
  }

  /// A kubelet starts a container anew that it is told was only created.
  @Test
  void whileAnInspectHangsASandboxTellsNoOlderStateOfItsContainer() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("web");
    String sandbox = shim.run(pod);
    String id = shim.create(sandbox, pod, shim.container("c"));
    Files.createDirectories(shim.root.resolve("pods"));
    shim.fake.fault("GET /containers/" + id + "/json", new Fault.Hang(0));
    var _ = shim.cri
        .withDeadlineAfter(Duration.ofSeconds(10))
        .startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
    RuntimeServiceBlockingStub impatient = shim.cri.withDeadlineAfter(Duration.ofSeconds(3));
    PodSandboxStatusRequest request =
        PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox).build();
    StatusRuntimeException e = catchThrowableOfType(
        StatusRuntimeException.class, () -> impatient.podSandboxStatus(request));
    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    shim.fake.heal();
    assertThat(shim.cri.podSandboxStatus(request).getContainersStatusesList())
        .extracting(ContainerStatus::getState)
        .containsExactly(ContainerState.CONTAINER_RUNNING);
  }

  @Test
  void listsAreFiltered() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("web");
    String sandbox = shim.run(pod);
    String other = shim.run(shim.pod("other"));
    String running = shim.start(sandbox, pod, "runs");
    String created = shim.create(sandbox, pod, shim.container("waits"));
    assertThat(containers(ContainerFilter.newBuilder().setPodSandboxId(sandbox)))
        .containsExactlyInAnyOrder(running, created);
    assertThat(containers(ContainerFilter.newBuilder().setPodSandboxId(other))).isEmpty();
    assertThat(containers(ContainerFilter.newBuilder()
            .setState(ContainerStateValue.newBuilder().setState(ContainerState.CONTAINER_RUNNING))))
        .containsExactly(running);
    assertThat(containers(ContainerFilter.newBuilder().setId(created.substring(0, 12))))
        .containsExactly(created);
    assertThat(containers(ContainerFilter.newBuilder().putLabelSelector("l", "x")))
        .isEmpty();
    assertThat(sandboxes(
            PodSandboxFilter.newBuilder().putLabelSelector("app", "web").build()))
        .extracting(PodSandbox::getId)
        .containsExactly(sandbox);
    List<String> streamed = new ArrayList<>();
    shim.cri
        .streamContainers(StreamContainersRequest.getDefaultInstance())
        .forEachRemaining(r -> r.getContainersList().forEach(c -> streamed.add(c.getId())));
    assertThat(streamed).containsExactlyInAnyOrder(running, created);
    assertThat(shim.cri
            .listContainerStats(ListContainerStatsRequest.getDefaultInstance())
            .getStatsList())
        .hasSize(2);
  }

  @Test
  void stoppingAndRemovingAreIdempotent() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("web");
    String sandbox = shim.run(pod);
    String id = shim.start(sandbox, pod, "c");
    for (int i = 0; i < 2; i++) {
      stopSandbox(sandbox);
      assertThat(sandbox(sandbox).getStatus().getState())
          .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
      assertThat(status(id).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    }
    for (int i = 0; i < 2; i++) {
      removeSandbox(sandbox);
      stopSandbox(sandbox);
      removeContainer(id);
      stopContainer(id);
    }
    assertThat(shim.fake.engine().container(sandbox)).isEmpty();
    assertThat(shim.fake.engine().container(id)).isEmpty();
    assertThat(shim.root.resolve("sandbox")).isEmptyDirectory();
    assertThat(shim.root.resolve("pods/c.log")).exists();
  }

  @Test
  void aDeadNamesakeIsReplacedALivingOneIsNot() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("web");
    String first = shim.run(pod);
    assertThatThrownBy(() -> shim.run(pod)).hasMessageContaining("already in use");
    shim.fake.engine().die(first, 0);
    await().until(() -> sandbox(first).getStatus().getState() == PodSandboxState.SANDBOX_NOTREADY);
    String second = shim.run(pod);
    assertThat(second).isNotEqualTo(first);
    assertThat(shim.fake.engine().container(first)).isEmpty();
  }

  @Test
  void whatIsNotOursDoesNotExistAndIsNotTouched() {
    FakeContainer plain = shim.fake.engine().create("nginx", ShimHarness.IMAGE, Map.of());
    FakeContainer foreign = shim.fake
        .engine()
        .create(
            "k8s_POD_x_default_uid-x_0",
            ShimHarness.IMAGE,
            Map.of(
                Labels.TYPE, "podsandbox",
                Labels.CONTAINER_NAME, "POD",
                Labels.POD_NAME, "x",
                Labels.POD_NAMESPACE, "default",
                Labels.POD_UID, "uid-x"));
    assertThat(sandboxes(PodSandboxFilter.getDefaultInstance())).isEmpty();
    removeSandbox(foreign.id);
    removeContainer(plain.id);
    stopContainer(plain.id);
    assertThatThrownBy(() -> status(plain.id)).satisfies(e -> hasCode(e, Status.Code.NOT_FOUND));
    assertThatThrownBy(() -> shim.run(shim.pod("x"))).hasMessageContaining("already in use");
    assertThat(shim.fake.engine().container(plain.id)).isPresent();
    assertThat(shim.fake.engine().container(foreign.id)).isPresent();
  }

  @Test
  void aHostPortOfWhichNoSandboxCameIsFreeAgain() throws Exception {
    PortMapping port =
        PortMapping.newBuilder().setContainerPort(80).setHostPort(64_999).build();
    Path own = Files.createDirectory(dir.resolve("published"));
    try (ShimHarness published = new ShimHarness(own, false, "docker")) {
      published.fake.fault("POST /containers/create", 1, new Fault.Status(500, "no space left"));
      assertThatThrownBy(() -> published.run(published.pod("first").addPortMappings(port)))
          .hasMessageContaining("no space left");
      assertThat(published.run(published.pod("second").addPortMappings(port))).isNotEmpty();
      assertThatThrownBy(() -> published.run(published.pod("first").addPortMappings(port)))
          .hasMessageContaining("taken by pod default/second");
    }
  }

  @Test
  void theLogOfAContainerThatIsGoneAlreadyIsForgotten() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("web");
    String id = shim.start(shim.run(pod), pod, "c");
    Path checkpoint = shim.root.resolve("logs").resolve(id + ".log-checkpoint");
    await().until(() -> Files.exists(checkpoint));
    shim.fake.engine().remove(id);
    var _ = shim.cri.removeContainer(
        RemoveContainerRequest.newBuilder().setContainerId(id).build());
    assertThat(checkpoint).doesNotExist();
  }

  @Test
  void ofASandboxRemovedByHandNothingIsKept() {
    String id = shim.run(shim.pod("web"));
    Path checkpoint = shim.root.resolve("sandbox/" + id);
    assertThat(checkpoint).exists();
    shim.fake.engine().remove(id);
    await().untilAsserted(() -> assertThat(checkpoint).doesNotExist());
    await()
        .untilAsserted(
            () -> assertThat(sandboxes(PodSandboxFilter.getDefaultInstance())).isEmpty());
    stopSandbox(id);
    removeSandbox(id);
  }

  @Test
  void ofSandboxesRemovedBeforeTheStartNothingIsKept() throws Exception {
    Path checkpoint = checkpoint("e".repeat(64));
    shim.run(shim.pod("web"));
    shim.parts.takeUp();
    await().untilAsserted(() -> assertThat(checkpoint).doesNotExist());
    assertThat(sandboxes(PodSandboxFilter.getDefaultInstance())).hasSize(1);
  }

  @Test
  void aSandboxOfWhichOnlyTheCheckpointIsLeftIsListed() throws Exception {
    String id = "e".repeat(64);
    checkpoint(id);
    assertThat(sandboxes(PodSandboxFilter.getDefaultInstance())).singleElement().satisfies(s -> {
      assertThat(s.getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
      assertThat(s.getMetadata().getUid()).isEqualTo("uid-gone");
    });
    stopSandbox(id);
    removeSandbox(id);
    assertThat(sandboxes(PodSandboxFilter.getDefaultInstance())).isEmpty();
  }

  private Path checkpoint(String id) throws Exception {
    Path directory = shim.root.resolve("sandbox");
    new CheckpointStore(directory)
        .write(id, new SandboxCheckpoint("gone", "default", "uid-gone", List.of(), false));
    return directory.resolve(id);
  }

  @Test
  void execSyncGivesBothStreamsAndTheCode() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("web");
    String id = shim.start(shim.run(pod), pod, "c");
    shim.fake.forgetCalls();
    ExecSyncResponse answer = shim.cri.execSync(ExecSyncRequest.newBuilder()
        .setContainerId(id)
        .addCmd("false")
        .setTimeout(5)
        .build());
    assertThat(answer.getExitCode()).isEqualTo(1);
    assertThat(answer.getStdout().toStringUtf8()).isEqualTo("false\n");
    assertThat(answer.getStderr().toStringUtf8()).isEqualTo("done\n");
    assertThat(shim.fake.calls()).hasSize(3);
  }

  @Test
  void errorsAreStatusesThatNameTheirSubject() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("web");
    String sandbox = shim.run(pod);
    ContainerConfig.Builder container = shim.container("c");
    assertThatThrownBy(() -> shim.create("f".repeat(64), pod, container))
        .satisfies(e -> hasCode(e, Status.Code.NOT_FOUND));
    assertThatThrownBy(() -> shim.create(sandbox, pod, container.clone().setLogPath("../../x")))
        .satisfies(e -> hasCode(e, Status.Code.INVALID_ARGUMENT))
        .hasMessageContaining("log_path");
    assertThatThrownBy(() -> shim.cri.runPodSandbox(RunPodSandboxRequest.newBuilder()
            .setConfig(pod)
            .setRuntimeHandler("gvisor")
            .build()))
        .satisfies(e -> hasCode(e, Status.Code.INVALID_ARGUMENT))
        .hasMessageContaining("gvisor");
    assertThatThrownBy(() -> shim.cri.updateContainerResources(
            UpdateContainerResourcesRequest.newBuilder().setContainerId("x").build()))
        .satisfies(e -> hasCode(e, Status.Code.INVALID_ARGUMENT))
        .hasMessageContaining("linux");
    assertThatThrownBy(() -> shim.cri.containerStats(ContainerStatsRequest.getDefaultInstance()))
        .satisfies(e -> hasCode(e, Status.Code.INVALID_ARGUMENT));
    assertThatThrownBy(() -> status("abcdef"))
        .satisfies(e -> hasCode(e, Status.Code.NOT_FOUND))
        .hasMessageContaining("abcdef");
    assertThat(shim.cri.updateRuntimeConfig(UpdateRuntimeConfigRequest.getDefaultInstance()))
        .isNotNull();
  }

  @Test
  void whatIsNotBuiltIsUnimplementedByName() {
    assertThatThrownBy(() -> shim.cri.exec(ExecRequest.getDefaultInstance()))
        .satisfies(e -> hasCode(e, Status.Code.UNIMPLEMENTED))
        .hasMessageContaining("Exec");
    assertThatThrownBy(() -> shim.cri.attach(AttachRequest.getDefaultInstance()))
        .satisfies(e -> hasCode(e, Status.Code.UNIMPLEMENTED))
        .hasMessageContaining("Attach");
  }

  @Test
  void eventsTellAContainersLifeWithItsPodsStatus() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("web");
    String sandbox = shim.run(pod);
    List<ContainerEventResponse> events = new CopyOnWriteArrayList<>();
    try (Context.CancellableContext call = Context.current().withCancellation()) {
      Thread.ofVirtual().start(() -> call.run(() -> collect(events)));
      String id = await()
          .until(
              () -> {
                String made = shim.create(sandbox, pod, shim.container("c" + events.size()));
                Thread.sleep(50);
                removeContainer(made);
                return events.isEmpty() ? "" : made;
              },
              made -> !made.isEmpty());
      assertThat(id).isNotEmpty();
      String lived = shim.start(sandbox, pod, "lived");
      shim.fake.engine().die(lived, 0);
      removeContainer(lived);
      await()
          .untilAsserted(() -> assertThat(events)
              .filteredOn(e -> e.getContainerId().equals(lived))
              .extracting(ContainerEventResponse::getContainerEventType)
              .containsExactly(
                  ContainerEventType.CONTAINER_CREATED_EVENT,
                  ContainerEventType.CONTAINER_STARTED_EVENT,
                  ContainerEventType.CONTAINER_STOPPED_EVENT,
                  ContainerEventType.CONTAINER_DELETED_EVENT));
      assertThat(events)
          .allSatisfy(e -> assertThat(e.getPodSandboxStatus().getId()).isEqualTo(sandbox));
    }
  }

  private void collect(List<ContainerEventResponse> events) {
    try {
      Iterator<ContainerEventResponse> stream =
          shim.cri.getContainerEvents(GetEventsRequest.getDefaultInstance());
      stream.forEachRemaining(events::add);
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isIn(Status.Code.CANCELLED, Status.Code.UNAVAILABLE);
    }
  }

  @Test
  void withoutAnEngineItSaysSoAndAnswersFromWhatWasKnown() {
    shim.run(shim.pod("web"));
    shim.fake.down();
    await().until(() -> !status().getStatus().getConditions(0).getStatus());
    assertThat(status().getStatus().getConditions(0).getReason()).isEqualTo("DockerDaemonNotReady");
    assertThat(shim.cri.version(VersionRequest.getDefaultInstance()).getRuntimeName())
        .isEqualTo("docker");
    assertThat(shim.cri.runtimeConfig(RuntimeConfigRequest.getDefaultInstance()).hasLinux())
        .isTrue();
    assertThatThrownBy(() -> shim.run(shim.pod("other")))
        .isInstanceOf(StatusRuntimeException.class);
    shim.fake.up();
    await().until(() -> status().getStatus().getConditions(0).getStatus());
    assertThat(sandboxes(PodSandboxFilter.getDefaultInstance())).hasSize(1);
  }

  @Test
  void verboseStatusShowsWhatTheEngineMayNotDo() {
    shim.run(shim.pod("web"));
    Map<String, String> info =
        shim.cri.status(StatusRequest.newBuilder().setVerbose(true).build()).getInfoMap();
    assertThat(info.get("config")).isEqualTo("{\"sandboxImage\":\"pause:1\"}");
    assertThat(info.get("oomScoreAdj")).contains("a fake lowers nothing");
    assertThat(info.get("logs")).contains("follow-file");
  }

  @Test
  void aPodsStartIsRecordedByTheShimAlone() throws Exception {
    PodSandboxConfig.Builder pod = shim.pod("web");
    shim.start(shim.run(pod), pod, "c");
    assertThat(shim.traces.store().spansOf("uid-web"))
        .extracting(s -> s.getName())
        .contains(
            "RunPodSandbox", "create sandbox", "checkpoint", "start sandbox", "StartContainer");
  }

  @Test
  void whatAFailedStartLeavesIsFoundAndRemoved() throws Exception {
    shim.fake.fault(
        "POST /containers/[0-9a-f]+/start", 1, new dev.jubelet.testkit.Fault.Status(500, "no"));
    PodSandboxConfig.Builder pod = shim.pod("web");
    assertThatThrownBy(() -> shim.run(pod)).hasMessageContaining("no");
    List<PodSandbox> left = sandboxes(PodSandboxFilter.getDefaultInstance());
    assertThat(left).hasSize(1);
    assertThat(Files.exists(shim.root.resolve("sandbox").resolve(left.getFirst().getId())))
        .isTrue();
    removeSandbox(left.getFirst().getId());
    assertThat(sandboxes(PodSandboxFilter.getDefaultInstance())).isEmpty();
  }

  private List<String> calls() {
    return shim.fake.calls().stream()
        .map(c -> c.method() + " " + c.path())
        .filter(c -> c.contains("/containers/") && !c.endsWith("/containers/json"))
        .map(c -> c.endsWith("/json") ? "inspect" : c.substring(c.lastIndexOf('/') + 1))
        .toList();
  }

  private StatusResponse status() {
    return shim.cri.status(StatusRequest.getDefaultInstance());
  }

  private ContainerStatus status(String id) {
    return shim.cri
        .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(id).build())
        .getStatus();
  }

  private PodSandboxStatusResponse sandbox(String id) {
    return shim.cri.podSandboxStatus(
        PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build());
  }

  private List<PodSandbox> sandboxes(PodSandboxFilter filter) {
    return shim.cri
        .listPodSandbox(ListPodSandboxRequest.newBuilder().setFilter(filter).build())
        .getItemsList();
  }

  private List<String> containers(ContainerFilter.Builder filter) {
    return shim
        .cri
        .listContainers(ListContainersRequest.newBuilder().setFilter(filter).build())
        .getContainersList()
        .stream()
        .map(c -> c.getId())
        .toList();
  }

  private void stopSandbox(String id) {
    var _ = shim.cri.stopPodSandbox(
        StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  private void removeSandbox(String id) {
    var _ = shim.cri.removePodSandbox(
        RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  private void stopContainer(String id) {
    var _ = shim.cri.stopContainer(
        StopContainerRequest.newBuilder().setContainerId(id).build());
  }

  private void removeContainer(String id) {
    var _ = shim.cri.removeContainer(
        RemoveContainerRequest.newBuilder().setContainerId(id).build());
  }

  private static void hasCode(Throwable e, Status.Code code) {
    assertThat(Status.fromThrowable(e).getCode()).as(e.getMessage()).isEqualTo(code);
  }
}
