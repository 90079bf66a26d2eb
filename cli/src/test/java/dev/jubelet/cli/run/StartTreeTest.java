package dev.jubelet.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.trace.Traces;
import dev.jubelet.trace.local.v1.ContainerSummary;
import dev.jubelet.trace.local.v1.PodSummary;
import dev.jubelet.trace.local.v1.SpanRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

class StartTreeTest {
  private static final long MILLI = 1_000_000;

  private final List<SpanRecord> spans = List.of(
      span("r", "", "worker", "pod start", 0, 0),
      span("w", "r", "wait", "queued", 0, 5),
      span("s", "r", "step", "createPodSandbox", 5, 0),
      span("p", "s", "rpc", "RunPodSandbox", 5, 0),
      span("h", "p", "shim", "RunPodSandbox", 5, 0),
      span("d", "h", "docker", "create_container", 6, 50),
      span("c", "h", "cni", "ADD", 50, 90).toBuilder()
          .putAttributes(Traces.DETAIL, "bridge")
          .setError("no address left")
          .build());

  @Test
  void stepsRpcsAndPluginsAreShownUnderTheirNearestShownParent() {
    StartTree tree = StartTree.of(spans, 100 * MILLI);
    assertThat(tree.steps())
        .extracting(StartTree.Step::line)
        .containsExactly(
            "  … createPodSandbox  95 ms",
            "    … RunPodSandbox  95 ms",
            "      ✗ ADD bridge  40 ms  no address left");
    assertThat(tree.over()).isFalse();
    assertThat(tree.took()).isEqualTo("100 ms");
  }

  @Test
  void stepsThatTookNoTimeAreShownOnlyWhenTheyAreOpenOrFailed() {
    SpanRecord done = span("a", "r", "step", "link log", 10, 10);
    List<SpanRecord> short3 = List.of(
        spans.getFirst(),
        done,
        done.toBuilder().setSpanId("b").setError("no space left").build(),
        done.toBuilder().setSpanId("c").setEnd(0).build());
    assertThat(StartTree.of(short3, 10 * MILLI).steps())
        .extracting(StartTree.Step::id)
        .containsExactly("b", "c");
  }

  @Test
  void nothingRecordedIsAnEmptyTree() {
    assertThat(StartTree.of(List.of(), 0).steps()).isEmpty();
  }

  @Test
  void eachEndedStepIsSaidOnce() {
    PodProgress pod = new PodProgress(PodSummary.newBuilder().setName("web").build());
    pod.seen(StartTree.of(spans, 100 * MILLI));
    assertThat(pod.newSteps()).hasSize(1);
    assertThat(pod.newSteps()).isEmpty();
  }

  @Test
  void aPodSettlesOnceWhenItsRootEnds() {
    PodProgress pod = new PodProgress(PodSummary.newBuilder().setName("web").build());
    pod.seen(StartTree.of(spans, 100 * MILLI));
    assertThat(pod.settlesNow()).isFalse();
    pod.seen(StartTree.of(List.of(span("r", "", "worker", "pod start", 0, 80)), 100 * MILLI));
    assertThat(pod.settlesNow()).isTrue();
    assertThat(pod.settlesNow()).isFalse();
  }

  @Test
  void aStatusIsSaidWhenItChanges() {
    PodProgress pod = new PodProgress(
        PodSummary.newBuilder().setName("web").setPhase("Pending").build());
    assertThat(pod.newStatus()).isEqualTo("web  Pending");
    assertThat(pod.newStatus()).isEmpty();
    pod.seen(PodSummary.newBuilder()
        .setName("web")
        .setPhase("Pending")
        .addContainers(ContainerSummary.newBuilder()
            .setState("waiting")
            .setReason("ErrImagePull")
            .setMessage("no such host"))
        .build());
    assertThat(pod.newStatus()).isEqualTo("web  ErrImagePull: no such host");
  }

  @Test
  void aFailureNamesTheContainerAndItsExitCode() {
    PodProgress pod = new PodProgress(PodSummary.newBuilder()
        .setName("job")
        .setPhase("Failed")
        .addContainers(
            ContainerSummary.newBuilder().setName("main").setState("terminated").setExitCode(7))
        .build());
    assertThat(pod.failure()).isEqualTo("pod job failed: container main ended with exit code 7");
  }

  private static SpanRecord span(
      String id, String parent, String kind, String name, long start, long end) {
    return SpanRecord.newBuilder()
        .setSpanId(id)
        .setParentId(parent)
        .setKind(kind)
        .setName(name)
        .setStart(start * MILLI)
        .setEnd(end * MILLI)
        .build();
  }
}
