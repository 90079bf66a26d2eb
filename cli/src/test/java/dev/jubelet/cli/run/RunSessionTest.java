package dev.jubelet.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.trace.local.LocalClient;
import dev.jubelet.trace.local.LocalServer;
import dev.jubelet.trace.local.v1.ContainerSummary;
import dev.jubelet.trace.local.v1.GetTraceResponse;
import dev.jubelet.trace.local.v1.ListPodsRequest;
import dev.jubelet.trace.local.v1.ListPodsResponse;
import dev.jubelet.trace.local.v1.LocalGrpc;
import dev.jubelet.trace.local.v1.PodRef;
import dev.jubelet.trace.local.v1.PodSummary;
import dev.jubelet.trace.local.v1.RemovePodsRequest;
import dev.jubelet.trace.local.v1.RemovePodsResponse;
import dev.jubelet.trace.local.v1.SpanRecord;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A run against an agent that plays a script over the real socket.
@Timeout(30)
class RunSessionTest {
  @TempDir
  Path directory;

  private final ScriptedAgent agent = new ScriptedAgent();
  private final ByteArrayOutputStream progress = new ByteArrayOutputStream();
  private final AtomicInteger interrupts = new AtomicInteger();
  private LocalServer server;
  private LocalClient client;

  @BeforeEach
  void start() throws IOException {
    server = LocalServer.start(directory.resolve("run.sock"), agent);
    client = LocalClient.open(server.socket());
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    server.close();
  }

  @Test
  void succeededPodsAreRemovedAndGiveZero() throws Exception {
    agent.script.add(pod("Pending"));
    agent.script.add(pod("Succeeded"));
    assertThat(session().show()).isZero();
    assertThat(agent.removed).containsExactly("u1 -1");
    assertThat(said()).contains("job", "RunPodSandbox", "Succeeded");
  }

  @Test
  void aFailedPodIsNamedAndGivesOne() throws Exception {
    agent.script.add(pod("Failed").toBuilder()
        .addContainers(
            ContainerSummary.newBuilder().setName("main").setState("terminated").setExitCode(3))
        .build());
    assertThat(session().show()).isOne();
    assertThat(said()).contains("pod job failed: container main ended with exit code 3");
    assertThat(agent.removed).hasSize(1);
  }

  @Test
  void anInterruptRemovesWithGrace() throws Exception {
    agent.script.add(pod("Running"));
    agent.onWatch = interrupts::incrementAndGet;
    assertThat(session().show()).isEqualTo(130);
    assertThat(agent.removed).containsExactly("u1 -1");
  }

  @Test
  void theSecondInterruptRemovesAtOnce() throws Exception {
    agent.script.add(pod("Running"));
    agent.onWatch = interrupts::incrementAndGet;
    agent.slowGrace = true;
    agent.onRemove = interrupts::incrementAndGet;
    assertThat(session().show()).isEqualTo(130);
    assertThat(agent.removed).containsExactly("u1 -1", "u1 0");
  }

  @Test
  void podsThatSomebodyElseRemovedEndTheRun() throws Exception {
    agent.script.add(pod("Running"));
    agent.script.add(PodSummary.getDefaultInstance());
    assertThat(session().show()).isZero();
    assertThat(agent.removed).isEmpty();
  }

  private RunSession session() {
    PrintStream stream = new PrintStream(progress, true, StandardCharsets.UTF_8);
    return new RunSession(client, List.of("u1"), new Screen(stream, false, 0, 0), interrupts);
  }

  private String said() {
    return progress.toString(StandardCharsets.UTF_8);
  }

  private static PodSummary pod(String phase) {
    return PodSummary.newBuilder().setUid("u1").setName("job").setPhase(phase).build();
  }

  private static final class ScriptedAgent extends LocalGrpc.LocalImplBase {
    /// The pod as it is after each change; one without uid stands for its removal.
    final BlockingQueue<PodSummary> script = new LinkedBlockingQueue<>();

    final List<String> removed = new CopyOnWriteArrayList<>();
    volatile Runnable onWatch = () -> {};
    volatile Runnable onRemove = () -> {};
    volatile boolean slowGrace;
    private volatile ListPodsResponse now = ListPodsResponse.getDefaultInstance();

    @Override
    public void watchPods(ListPodsRequest request, StreamObserver<ListPodsResponse> out) {
      ServerCallStreamObserver<ListPodsResponse> call =
          (ServerCallStreamObserver<ListPodsResponse>) out;
      try {
        while (!call.isCancelled()) {
          PodSummary next = script.poll(50, TimeUnit.MILLISECONDS);
          if (next == null) {
            onWatch.run();
            onWatch = () -> {};
            continue;
          }
          now = next.getUid().isEmpty()
              ? ListPodsResponse.getDefaultInstance()
              : ListPodsResponse.newBuilder().addPods(next).build();
          out.onNext(now);
          Thread.sleep(150);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void listPods(ListPodsRequest request, StreamObserver<ListPodsResponse> out) {
      out.onNext(now);
      out.onCompleted();
    }

    @Override
    public void getTrace(PodRef request, StreamObserver<GetTraceResponse> out) {
      out.onNext(GetTraceResponse.newBuilder()
          .addSpans(SpanRecord.newBuilder().setSpanId("r").setStart(1).setEnd(9))
          .addSpans(SpanRecord.newBuilder()
              .setSpanId("s")
              .setParentId("r")
              .setKind("rpc")
              .setName("RunPodSandbox")
              .setStart(2)
              .setEnd(5))
          .build());
      out.onCompleted();
    }

    @Override
    public void removePods(RemovePodsRequest request, StreamObserver<RemovePodsResponse> out) {
      removed.add(request.getPods(0) + " " + request.getGraceSeconds());
      onRemove.run();
      if (slowGrace && request.getGraceSeconds() < 0) {
        return; // never answers
      }
      now = ListPodsResponse.getDefaultInstance();
      out.onNext(RemovePodsResponse.getDefaultInstance());
      out.onCompleted();
    }
  }
}
