package dev.jubelet.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.jubelet.testkit.FakeCri;
import dev.jubelet.trace.local.v1.Manifest;
import dev.jubelet.trace.local.v1.PodRef;
import dev.jubelet.trace.local.v1.RemovePodsRequest;
import dev.jubelet.trace.local.v1.RunPodsRequest;
import dev.jubelet.trace.local.v1.SpanRecord;
import dev.jubelet.trace.local.v1.WhyResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The agent's rooms together, over a fake runtime at the wire.
final class KubeletTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String ONE = """
      restartPolicy: Always
      terminationGracePeriodSeconds: 2
      containers:
      - name: web
        image: busybox:1
      """;

  @TempDir
  Path temp;

  private AgentFixture agent() throws Exception {
    FakeCri cri = FakeCri.start(temp.resolve("cri.sock"));
    cri.addImage("busybox:1");
    return new AgentFixture(temp, cri);
  }

  private static void until(Callable<Boolean> condition) {
    await().atMost(SOON).pollInterval(Duration.ofMillis(10)).until(condition);
  }

  @Test
  void aManifestBecomesARunningContainerWithFewCallsAndGoesAwayAgain() throws Exception {
    try (AgentFixture agent = agent()) {
      until(() -> agent.cri.calls().contains("GetContainerEvents"));
      agent.cri.forgetCalls();
      agent.manifest("one", ONE);
      until(() -> agent.phase("one").equals("Running"));

      List<String> calls = agent.cri.calls();
      List<String> critical = calls.subList(0, calls.indexOf("StartContainer") + 1);
      assertThat(critical)
          .containsExactlyInAnyOrder(
              "RunPodSandbox",
              "ImageStatus",
              "PodSandboxStatus",
              "CreateContainer",
              "StartContainer");
      assertThat(agent.cri.running()).containsExactly("one-node1/web");
      assertThat(why(agent, "one").getAnswer()).contains("waits for nothing");

      agent.removeManifest("one");
      until(() -> agent.cri.objects() == 0 && agent.pods().isEmpty());
      until(() -> isEmpty(temp.resolve("kubelet/pods")));
    }
  }

  private static boolean isEmpty(Path dir) throws Exception {
    try (var list = Files.list(dir)) {
      return list.findAny().isEmpty();
    }
  }

  private static WhyResponse why(AgentFixture agent, String pod) {
    return agent.client().within(SOON).why(PodRef.newBuilder().setPod(pod).build());
  }

  @Test
  void theTraceCoversTheStart() throws Exception {
    try (AgentFixture agent = agent()) {
      agent.manifest("one", ONE);
      until(() -> agent.phase("one").equals("Running"));
      String uid = agent.pod("one").orElseThrow().getUid();
      until(() -> agent.traces.store().spansOf(uid).getFirst().getEnd() > 0);

      List<SpanRecord> spans = agent.traces.store().spansOf(uid);
      List<String> names = spans.stream().map(SpanRecord::getName).toList();
      assertThat(names)
          .contains(
              "pod start",
              "source",
              "worker wake",
              "create pod sandbox",
              "RunPodSandbox",
              "set up volumes",
              "start container web",
              "CreateContainer",
              "StartContainer");
      SpanRecord root = spans.getFirst();
      SpanRecord started = spans.stream()
          .filter(s -> s.getName().equals("StartContainer"))
          .findFirst()
          .orElseThrow();
      assertThat(started.getStart()).isGreaterThan(root.getStart());
      assertThat(started.getEnd()).isLessThanOrEqualTo(root.getEnd());
    }
  }

  @Test
  void initContainersThenSidecarThenTheOthersAndBackInReverse() throws Exception {
    try (AgentFixture agent = agent()) {
      agent.manifest("many", """
          terminationGracePeriodSeconds: 2
          initContainers:
          - {name: i1, image: 'busybox:1'}
          - {name: side, image: 'busybox:1', restartPolicy: Always}
          - {name: i2, image: 'busybox:1'}
          containers:
          - {name: a, image: 'busybox:1'}
          - {name: b, image: 'busybox:1'}
          """);
      until(() -> agent.cri.running().equals(List.of("many-node1/i1")));
      assertThat(agent.cri.created("side")).isZero();
      agent.cri.exit("i1", 0);
      until(() -> agent.cri.running().equals(List.of("many-node1/side", "many-node1/i2")));
      assertThat(agent.cri.created("a")).isZero();
      agent.cri.exit("i2", 0);
      until(() -> agent.phase("many").equals("Running"));
      assertThat(agent.cri.running())
          .containsExactly("many-node1/side", "many-node1/a", "many-node1/b");

      agent.removeManifest("many");
      until(() -> agent.cri.objects() == 0);
      assertThat(agent.cri.stopped()).hasSize(3).last().isEqualTo("many-node1/side");
    }
  }

  @Test
  void aCrashRestartsOnceAtOnceThenBacksOff() throws Exception {
    try (AgentFixture agent = agent()) {
      agent.manifest("one", ONE);
      until(() -> agent.phase("one").equals("Running"));
      agent.cri.exit("web", 1);
      until(() -> agent.cri.created("web") == 2 && !agent.cri.running().isEmpty());
      agent.cri.exit("web", 1);
      // Between two looks the worker may be at it once more: one answer must say it all.
      AtomicReference<WhyResponse> answer = new AtomicReference<>();
      until(() -> {
        answer.set(why(agent, "one"));
        return answer.get().getAnswer().contains("CrashLoopBackOff")
            && answer.get().getNextTry() > 0;
      });

      WhyResponse why = answer.get();
      assertThat(why.getAnswer()).contains("; its last run ended with exit code 1 (Error)");
      assertThat(why.getLastError()).contains("back-off 10s restarting failed container=web");
      assertThat(why.getEventsList()).anyMatch(e -> e.getReason().equals("BackOff"));
      assertThat(agent.cri.created("web")).isEqualTo(2);
      assertThat(agent.cri.readySandboxes("one-node1")).isOne();
    }
  }

  @Test
  void aPodThatIsDoneIsEndedAndNotStartedAgain() throws Exception {
    try (AgentFixture agent = agent()) {
      agent.manifest("job", ONE.replace("Always", "OnFailure"));
      until(() -> agent.phase("job").equals("Running"));
      agent.cri.exit("web", 0);
      until(() -> agent.phase("job").equals("Succeeded"));
      until(() -> agent.cri.readySandboxes("job-node1") == 0);
      agent.restart();
      until(() -> agent.phase("job").equals("Succeeded"));
      assertThat(agent.cri.created("web")).isOne();
    }
  }

  @Test
  void whyNamesTheContainerThatFailed() throws Exception {
    try (AgentFixture agent = agent()) {
      agent.manifest("job", ONE.replace("Always", "Never"));
      until(() -> agent.phase("job").equals("Running"));
      agent.cri.exit("web", 3);
      until(() -> agent.phase("job").equals("Failed"));
      until(() -> why(agent, "job")
          .getAnswer()
          .endsWith("has ended: Failed; container web ended with exit code 3 (Error)"));
    }
  }

  @Test
  void aRestartOfTheAgentAdoptsAndCarriesOutWhatChangedMeanwhile() throws Exception {
    try (AgentFixture agent = agent()) {
      agent.manifest("one", ONE);
      agent.manifest("two", ONE.replace("web", "db"));
      until(() -> agent.cri.running().size() == 2);
      agent.stop();
      agent.removeManifest("two");
      agent.restart();
      until(() -> agent.cri.running().equals(List.of("one-node1/web")));
      until(() -> agent.phase("one").equals("Running"));

      assertThat(agent.cri.created("web")).isOne();
      until(() -> agent.cri.objects() == 2);
    }
  }

  @Test
  void oneHungPodHoldsUpNoOther() throws Exception {
    try (AgentFixture agent = agent()) {
      agent.manifest("one", ONE);
      until(() -> agent.phase("one").equals("Running"));
      agent.cri.hang("RunPodSandbox");
      agent.manifest("stuck", ONE.replace("web", "db"));
      until(() -> agent.pod("stuck").isPresent());
      until(() -> why(agent, "stuck").getAnswer().contains("RunPodSandbox"));
      agent.cri.exit("web", 1);
      until(() -> agent.cri.created("web") == 2);
      agent.cri.release("RunPodSandbox");
      until(() -> agent.phase("stuck").equals("Running"));
    }
  }

  @Test
  void whyNamesTheStepAtWhichARemovalHangs() throws Exception {
    try (AgentFixture agent = agent()) {
      agent.manifest("one", ONE);
      until(() -> agent.phase("one").equals("Running"));
      agent.cri.hang("RemovePodSandbox");
      agent.removeManifest("one");
      until(() -> why(agent, "one").getAnswer().contains("remove pod › remove sandbox"));
      agent.cri.release("RemovePodSandbox");
      until(() -> agent.pods().isEmpty());
    }
  }

  @Test
  void aSandboxThatDiedIsReplaced() throws Exception {
    try (AgentFixture agent = agent()) {
      agent.manifest("one", ONE);
      until(() -> agent.phase("one").equals("Running"));
      agent.cri.killSandbox("one-node1");
      until(() -> agent.cri.created("web") == 2 && agent.cri.running().size() == 1);
      assertThat(agent.cri.readySandboxes("one-node1")).isOne();
      List<String> calls = agent.cri.calls();
      assertThat(calls.subList(0, calls.lastIndexOf("RunPodSandbox")))
          .as("the dead one's address is let go before the new one asks for its own")
          .contains("StopPodSandbox");
      assertThat(why(agent, "one").getEventsList())
          .anyMatch(e -> e.getReason().equals("SandboxChanged"));
    }
  }

  @Test
  void aFailedStartIsExplainedAndTriedAgain() throws Exception {
    try (AgentFixture agent = agent()) {
      agent.cri.failNext(
          "RunPodSandbox", Status.UNKNOWN.withDescription("no subnet left in 10.9.0.0/24"));
      agent.manifest("one", ONE);
      until(() -> agent.pod("one").isPresent());
      until(() -> why(agent, "one").getLastError().contains("no subnet left"));
      assertThat(why(agent, "one").getEventsList())
          .anyMatch(e -> e.getReason().equals("FailedCreatePodSandBox")
              && e.getMessage().startsWith("Failed to create pod sandbox: rpc error"));
      assertThat(why(agent, "one").getNextTry()).isPositive();
    }
  }

  @Test
  void aRuntimeThatSaysItIsNotReadyIsNamedAtOnce() throws Exception {
    FakeCri cri = FakeCri.start(temp.resolve("cri.sock"));
    cri.addImage("busybox:1");
    cri.runtimeReady(false);
    try (AgentFixture agent = new AgentFixture(temp, cri)) {
      agent.manifest("one", ONE);
      until(() -> agent.phase("one").equals("Running"));
      assertThat(why(agent, "one").getAnswer())
          .contains("waits for nothing")
          .contains("container runtime is not ready: RuntimeReady=false");
    }
  }

  @Test
  void aKillThatFailsIsToldAndTriedAgain() throws Exception {
    try (AgentFixture agent = agent()) {
      agent.manifest("one", ONE);
      until(() -> agent.phase("one").equals("Running"));
      agent.cri.hang("StopContainer");
      agent.cri.failNext("StopContainer", Status.UNKNOWN.withDescription("the engine is stuck"));
      agent.removeManifest("one");
      until(() -> agent.cri.calls().contains("StopContainer"));
      agent.cri.release("StopContainer");
      until(() -> why(agent, "one").getEventsList().stream()
          .anyMatch(e -> e.getReason().equals("FailedKillPod")
              && e.getMessage()
                  .equals("error killing pod: rpc error: code = Unknown desc = the engine is"
                      + " stuck")));
      assertThat(why(agent, "one").getEventsList())
          .noneMatch(e -> e.getReason().equals("FailedSync"));
      until(() -> agent.cri.objects() == 0);
    }
  }

  @Test
  void aMissingClusterDnsAndTooManyServersAreToldOnce() throws Exception {
    Path resolver = Files.writeString(temp.resolve("resolv.conf"), "nameserver 192.0.2.53\n");
    FakeCri cri = FakeCri.start(temp.resolve("cri.sock"));
    cri.addImage("busybox:1");
    try (AgentFixture agent = new AgentFixture(temp, cri, "resolvConf: " + resolver)) {
      agent.manifest("one", ONE + "dnsConfig: {nameservers: [1.1.1.1, 1.1.1.2, 1.1.1.3]}");
      until(() -> agent.phase("one").equals("Running"));
      agent.cri.killSandbox("one-node1");
      until(() -> agent.cri.created("web") == 2 && agent.cri.running().size() == 1);

      String uid = agent.pod("one").orElseThrow().getUid();
      var events = why(agent, "one").getEventsList();
      var missing =
          events.stream().filter(e -> e.getReason().equals("MissingClusterDNS")).toList();
      assertThat(missing).singleElement().satisfies(e -> {
        assertThat(e.getCount()).isOne();
        assertThat(e.getMessage())
            .isEqualTo("pod: \"one-node1_default(" + uid + ")\". kubelet does not have ClusterDNS"
                + " IP configured and cannot create Pod using \"ClusterFirst\" policy. Falling"
                + " back to \"Default\" policy.");
      });
      var forming =
          events.stream().filter(e -> e.getReason().equals("DNSConfigForming")).toList();
      assertThat(forming).singleElement().satisfies(e -> {
        assertThat(e.getCount()).isOne();
        assertThat(e.getMessage()).startsWith("Nameserver limits were exceeded");
      });
    }
  }

  @Test
  void aFullNodeRejectsAndOneThatGetsRoomDoesNot() throws Exception {
    FakeCri cri = FakeCri.start(temp.resolve("cri.sock"));
    cri.addImage("busybox:1");
    try (AgentFixture agent = new AgentFixture(temp, cri, "maxPods: 1")) {
      agent.manifest("one", ONE);
      until(() -> agent.phase("one").equals("Running"));
      agent.manifest("two", ONE);
      until(() -> agent.phase("two").equals("Failed"));
      assertThat(why(agent, "two").getEventsList())
          .anyMatch(e -> e.getReason().equals("OutOfpods"));
      assertThat(why(agent, "two").getAnswer())
          .contains("Node didn't have enough resource: pods, requested: 1, used: 1, capacity: 1");

      agent.cri.stopTakes("web", 300);
      agent.removeManifest("one");
      until(() -> !agent.cri.stopped().isEmpty());
      agent.manifest("three", ONE);
      until(() -> agent.phase("three").equals("Running"));
      assertThat(agent.phase("two")).isEqualTo("Failed");
    }
  }

  @Test
  void aTakenHostPortNamesItsHolder() throws Exception {
    try (AgentFixture agent = agent()) {
      String port = "  ports: [{containerPort: 80, hostPort: 8080}]\n";
      agent.manifest("one", ONE + port);
      until(() -> agent.phase("one").equals("Running"));
      agent.manifest("two", ONE + port);
      until(() -> agent.phase("two").equals("Failed"));

      assertThat(why(agent, "two").getAnswer())
          .contains("host port 8080/TCP is taken by pod default/one-node1");
    }
  }

  @Test
  void runHandsOverAndRemovesWithAGraceOfItsOwn() throws Exception {
    try (AgentFixture agent = agent()) {
      agent.cri.stopTakes("web", 60_000);
      String text = """
          {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "hello"}, "spec":
            {"terminationGracePeriodSeconds": 50,
             "containers": [{"name": "web", "image": "busybox:1"}]}}
          """;
      var request = RunPodsRequest.newBuilder()
          .addManifests(Manifest.newBuilder().setOrigin("hello.json").setText(text));
      var uids = agent.client().within(SOON).runPods(request.build()).getUidsList();
      assertThat(uids).hasSize(1);
      until(() -> agent.phase("hello").equals("Running"));

      var slow = agent.client().watching();
      var patient = slow.removePods(
          RemovePodsRequest.newBuilder().addAllPods(uids).setGraceSeconds(-1).build());
      assertThat(patient.next().getRemainingCount()).isOne();
      until(() -> !agent.cri.stopped().isEmpty());
      var impatient = slow.removePods(
          RemovePodsRequest.newBuilder().addAllPods(uids).setGraceSeconds(0).build());
      impatient.forEachRemaining(r -> assertThat(r.getRemainingCount()).isLessThanOrEqualTo(1));
      assertThat(agent.cri.objects()).isZero();
    }
  }

  @Test
  void aPodOfAFileIsNotRemovedByHand() throws Exception {
    try (AgentFixture agent = agent()) {
      agent.manifest("one", ONE);
      until(() -> agent.phase("one").equals("Running"));
      var remove = agent
          .client()
          .watching()
          .removePods(RemovePodsRequest.newBuilder()
              .addPods("one-node1")
              .setGraceSeconds(-1)
              .build());

      assertThatThrownBy(remove::hasNext)
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageContaining("came by file");
    }
  }

  @Test
  void aPodThatIsNeverInSyncLeavesNoDeadContainersBehind() throws Exception {
    FakeCri cri = FakeCri.start(temp.resolve("cri.sock"));
    cri.addImage("busybox:1");
    for (int k = 0; k < 20; k++) {
      cri.failNext("StartContainer", Status.UNKNOWN.withDescription("no such file"));
    }
    try (AgentFixture agent =
        new AgentFixture(temp, cri, "crashLoopBackOff: {maxContainerRestartPeriod: 1s}")) {
      agent.manifest("one", ONE);
      // The sandbox, the newest and one before it.
      until(() -> agent.cri.created("web") >= 3 && agent.cri.objects() == 3);
    }
  }

  @Test
  void aRuntimeWithoutEventsIsListed() throws Exception {
    FakeCri cri = FakeCri.withoutEvents(temp.resolve("cri.sock"));
    cri.addImage("busybox:1");
    try (AgentFixture agent = new AgentFixture(temp, cri)) {
      agent.manifest("one", ONE);
      until(() -> agent.phase("one").equals("Running"));
      agent.cri.exit("web", 1);
      until(() -> agent.cri.created("web") == 2);
    }
  }

  @Test
  void aNetworkThatIsNotReadyIsWaitedFor() throws Exception {
    FakeCri cri = FakeCri.start(temp.resolve("cri.sock"));
    cri.addImage("busybox:1");
    cri.networkReady(false);
    try (AgentFixture agent = new AgentFixture(temp, cri)) {
      agent.manifest("one", ONE);
      until(() -> agent.pod("one").isPresent());
      until(() -> why(agent, "one").getLastError().contains("cni config uninitialized"));
      assertThat(agent.cri.objects()).isZero();
      cri.networkReady(true);
      until(() -> agent.phase("one").equals("Running"));
    }
  }
}
