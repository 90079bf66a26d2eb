package dev.jubelet.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.ContainerMetadata;
import dev.jubelet.cri.v1.CreateContainerRequest;
import dev.jubelet.cri.v1.ListContainersRequest;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.PodSandboxMetadata;
import dev.jubelet.cri.v1.RunPodSandboxRequest;
import dev.jubelet.cri.v1.RuntimeServiceGrpc;
import dev.jubelet.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import dev.jubelet.cri.v1.StartContainerRequest;
import dev.jubelet.cri.v1.VersionRequest;
import dev.jubelet.cri.v1.VersionResponse;
import dev.jubelet.trace.Recorder;
import dev.jubelet.trace.local.v1.SpanRecord;
import dev.jubelet.trace.socket.UnixGrpc;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CriWireTest {
  private static final PodSandboxConfig POD = PodSandboxConfig.newBuilder()
      .setMetadata(PodSandboxMetadata.newBuilder().setUid("u1").setName("web"))
      .build();

  @TempDir
  Path directory;

  private final Recorder shimSide = new Recorder(10, 100);
  private final Recorder agentSide = new Recorder(10, 100);
  private final PrometheusRegistry shimMetrics = new PrometheusRegistry();
  private final PrometheusRegistry agentMetrics = new PrometheusRegistry();
  private final FakeRuntime runtime = new FakeRuntime(shimSide);
  private Path socket;
  private CriServer server;
  private CriChannel channel;

  @BeforeEach
  void start() throws IOException {
    socket = directory.resolve("cri.sock");
    server = serve();
    channel = CriChannel.open(
        "unix://" + socket, agentSide, List.of(new MetricsClientInterceptor(agentMetrics)));
  }

  @AfterEach
  void stop() throws IOException {
    channel.close();
    server.close();
    shimSide.close();
    agentSide.close();
  }

  @Test
  void callsArriveOnVirtualThreadsThroughASocketOfItsMode() throws IOException {
    assertThat(stub().version(VersionRequest.getDefaultInstance()).getRuntimeName())
        .isEqualTo("fake");
    assertThat(runtime.ranOnVirtualThread).isTrue();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-rw----");
  }

  @Test
  void aClientInTheSameProcessNeedsNoSocket() throws IOException {
    try (CriChannel inside = CriChannel.inProcess("unix://" + socket, agentSide, List.of())) {
      Files.delete(socket);
      assertThat(stub(inside).version(VersionRequest.getDefaultInstance()).getRuntimeName())
          .isEqualTo("fake");
      assertThat(runtime.ranOnVirtualThread).isTrue();
      assertThatThrownBy(() -> stub(inside)
              .startContainer(
                  StartContainerRequest.newBuilder().setContainerId("c2").build()))
          .hasMessage("NOT_FOUND: no container");
      server.close();
      assertThatThrownBy(() -> stub(inside).version(VersionRequest.getDefaultInstance()))
          .hasMessageStartingWith("UNAVAILABLE");
    }
  }

  @Test
  void v1Alpha2IsServedByTheSameHandler() {
    ManagedChannel raw = UnixGrpc.channel(socket);
    try {
      VersionResponse answer = ClientCalls.blockingUnaryCall(
          raw,
          CriNames.asV1Alpha2(RuntimeServiceGrpc.getVersionMethod()),
          CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS),
          VersionRequest.getDefaultInstance());
      assertThat(answer.getRuntimeName()).isEqualTo("fake");
    } finally {
      UnixGrpc.end(raw);
    }
  }

  @Test
  void aRuntimeThatKnowsOnlyV1Alpha2IsCalledByThatName() throws IOException {
    Path old = directory.resolve("old.sock");
    try (UnixGrpc.Server _ = UnixGrpc.serve(
            old, 0600, null, Duration.ZERO, List.of(CriNames.asV1Alpha2(runtime.bindService())));
        CriChannel toOld = CriChannel.open(old.toString(), agentSide)) {
      RuntimeServiceBlockingStub stub = stub(toOld);
      assertThat(stub.version(VersionRequest.getDefaultInstance()).getRuntimeName())
          .isEqualTo("fake");
      assertThat(stub.listContainers(ListContainersRequest.getDefaultInstance()))
          .isNotNull();
    }
  }

  @Test
  void anotherRuntimeBehindTheSameSocketIsAskedAgain() throws IOException {
    Path path = directory.resolve("x.sock");
    try (CriChannel client = CriChannel.open(path.toString(), agentSide)) {
      try (UnixGrpc.Server _ =
          UnixGrpc.serve(path, 0600, null, Duration.ZERO, List.of(runtime.bindService()))) {
        stub(client).version(VersionRequest.getDefaultInstance());
      }
      try (UnixGrpc.Server _ = UnixGrpc.serve(
          path, 0600, null, Duration.ZERO, List.of(CriNames.asV1Alpha2(runtime.bindService())))) {
        await()
            .atMost(Duration.ofSeconds(10))
            .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
            .until(() -> stub(client)
                .version(VersionRequest.getDefaultInstance())
                .getRuntimeName()
                .equals("fake"));
      }
    }
  }

  @Test
  void theRuntimesWorkStandsBelowTheCallersSpan() {
    Span root = agentSide.podStart("u1", "default", "web", Instant.now());
    try (Scope _ = root.makeCurrent()) {
      stub().runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(POD).build());
    }
    root.end();
    List<SpanRecord> agent = agentSide.store().spansOf("u1");
    assertThat(agent)
        .extracting(SpanRecord::getName)
        .endsWith("RunPodSandbox", "to the runtime", "back from the runtime");
    assertThat(agent.getLast().getParentId()).isEqualTo(agent.get(1).getSpanId());
    await().until(() -> shimSide.store().openSteps("u1").isEmpty());
    List<SpanRecord> shim = shimSide.store().spansOf("u1");
    assertThat(shim)
        .extracting(SpanRecord::getName)
        .containsExactly("RunPodSandbox", "POST /containers/create");
  }

  @Test
  void inOneProcessBothSidesAreOneTree() throws IOException {
    Path path = directory.resolve("embedded.sock");
    try (CriServer _ = CriServer.start(
            path,
            0600,
            new FakeRuntime(agentSide),
            new FakeRuntime.Images(),
            List.of(new TracingServerInterceptor(agentSide)));
        CriChannel client = CriChannel.open(path.toString(), agentSide)) {
      Span root = agentSide.podStart("u1", "default", "web", Instant.now());
      try (Scope _ = root.makeCurrent()) {
        stub(client)
            .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(POD).build());
      }
      root.end();
    }
    List<SpanRecord> all = agentSide.store().spansOf("u1");
    assertThat(all)
        .extracting(SpanRecord::getName)
        .contains("to the runtime", "back from the runtime");
    List<SpanRecord> spans =
        all.stream().filter(span -> !span.getName().endsWith("the runtime")).toList();
    assertThat(spans)
        .extracting(SpanRecord::getKind)
        .containsExactly("worker", "rpc", "shim", "docker");
    for (int i = 1; i < spans.size(); i++) {
      assertThat(spans.get(i).getParentId()).isEqualTo(spans.get(i - 1).getSpanId());
    }
  }

  @Test
  void callsOfAForeignKubeletAreGroupedByTheirPod() {
    RuntimeServiceBlockingStub stub = stub();
    stub.runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(POD).build());
    stub.createContainer(CreateContainerRequest.newBuilder()
        .setPodSandboxId("s1")
        .setConfig(ContainerConfig.newBuilder()
            .setMetadata(ContainerMetadata.newBuilder().setName("main")))
        .setSandboxConfig(POD)
        .build());
    stub.startContainer(StartContainerRequest.newBuilder().setContainerId("c1").build());
    stub.listContainers(ListContainersRequest.getDefaultInstance());
    await().until(() -> shimSide.store().openSteps("u1").isEmpty());
    assertThat(shimSide.store().spansOf("u1"))
        .extracting(SpanRecord::getName)
        .containsExactly(
            "pod start",
            "RunPodSandbox",
            "POST /containers/create",
            "CreateContainer",
            "StartContainer");
  }

  @Test
  void metricsOfBothSidesHaveTheirNames() {
    stub().version(VersionRequest.getDefaultInstance());
    assertThatThrownBy(() -> stub()
            .startContainer(
                StartContainerRequest.newBuilder().setContainerId("none").build()))
        .isInstanceOf(StatusRuntimeException.class);
    assertThat(counter(agentMetrics, "kubelet_runtime_operations", "version")).isEqualTo(1);
    assertThat(counter(agentMetrics, "kubelet_runtime_operations_errors", "start_container"))
        .isEqualTo(1);
    await().until(() -> counter(shimMetrics, "jubelet_cri_calls", "start_container") == 1);
  }

  @Test
  void endpointsOtherThanUnixSocketsAreRefused() {
    assertThatThrownBy(() -> CriChannel.socketOf("tcp://127.0.0.1:1"))
        .hasMessageContaining("tcp://127.0.0.1:1");
  }

  private static double counter(PrometheusRegistry registry, String name, String operation) {
    for (MetricSnapshot snapshot : registry.scrape()) {
      if (snapshot instanceof CounterSnapshot counter
          && counter.getMetadata().getName().equals(name)) {
        return counter.getDataPoints().stream()
            .filter(p -> operation.equals(p.getLabels().get("operation_type")))
            .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
            .sum();
      }
    }
    return 0;
  }

  private CriServer serve() throws IOException {
    return CriServer.start(
        socket,
        0660,
        runtime,
        new FakeRuntime.Images(),
        List.of(new MetricsServerInterceptor(shimMetrics), new TracingServerInterceptor(shimSide)));
  }

  private RuntimeServiceBlockingStub stub() {
    return stub(channel);
  }

  private static RuntimeServiceBlockingStub stub(CriChannel channel) {
    return RuntimeServiceGrpc.newBlockingStub(channel.channel())
        .withDeadlineAfter(10, TimeUnit.SECONDS);
  }
}
