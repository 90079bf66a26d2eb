package dev.jubelet.kubelet.runtime.plan;

import static dev.jubelet.kubelet.runtime.plan.PodFixture.NOW;
import static dev.jubelet.kubelet.runtime.plan.PodFixture.container;
import static dev.jubelet.kubelet.runtime.plan.PodFixture.exited;
import static dev.jubelet.kubelet.runtime.plan.PodFixture.inState;
import static dev.jubelet.kubelet.runtime.plan.PodFixture.instance;
import static dev.jubelet.kubelet.runtime.plan.PodFixture.pod;
import static dev.jubelet.kubelet.runtime.plan.PodFixture.running;
import static dev.jubelet.kubelet.runtime.plan.PodFixture.sandbox;
import static dev.jubelet.kubelet.runtime.plan.PodFixture.sidecar;
import static dev.jubelet.kubelet.runtime.plan.PodFixture.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatus.Sandbox;
import dev.jubelet.kubelet.cri.PodStatus.State;
import dev.jubelet.kubelet.pod.ContainerHash;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.runtime.plan.PodActions.Adjust;
import dev.jubelet.kubelet.runtime.plan.PodActions.Kill;
import dev.jubelet.kubelet.runtime.plan.PodActions.Recreate;
import io.fabric8.kubernetes.api.model.Container;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class PodActionsTest {
  private static final List<Container> NONE = List.of();
  private static final List<Container> WEB = List.of(container("web"));
  private static final List<Sandbox> S0 = List.of(sandbox("s0", 0, true));
  private static final List<Sandbox> DEAD = List.of(sandbox("s0", 0, false));

  /// One row per rule: the pod, what is seen, and the plan in short: `kill`, `new <attempt> +
  /// names`
  /// or `- stopped + started ~ held`.
  static Stream<Arguments> rules() {
    FrozenPod always = pod("Always", NONE, WEB);
    FrozenPod onFailure = pod("OnFailure", NONE, List.of(container("a"), container("b")));
    FrozenPod never = pod("Never", NONE, WEB);
    FrozenPod inits = pod("Always", List.of(container("i1"), container("i2")), WEB);
    FrozenPod neverInit = pod("Never", List.of(container("i1")), WEB);
    FrozenPod sidecars = pod("Always", List.of(container("i1"), sidecar("s1"), sidecar("s2")), WEB);
    FrozenPod sidecarFirst = pod("Always", List.of(sidecar("s1"), container("i1")), WEB);
    FrozenPod neverSidecar = pod("Never", List.of(sidecar("s1")), WEB);
    return Stream.of(
        row("nothing is there yet", always, status(List.of()), "new 0 + web"),
        row("in sync", always, status(S0, running("web")), ""),
        row(
            "two ready sandboxes",
            always,
            status(List.of(sandbox("s1", 1, true), sandbox("s0", 0, true)), running("web")),
            "new 2 + web"),
        row(
            "the newest sandbox is not ready",
            always,
            status(DEAD, exited("web", 137)),
            "new 1 + web"),
        row(
            "the sandbox lost its address",
            always,
            status(List.of(lostIp()), running("web")),
            "new 1 + web"),
        row(
            "a network without addresses is as it should be",
            always,
            status(List.of(withoutNetwork()), running("web")),
            ""),
        row("the network mode changed", hostNetwork(), status(S0, running("web")), "new 1 + web"),
        row("a sandbox without containers", always, status(S0), "+ web"),
        row("Always restarts a success", always, status(S0, exited("web", 0)), "+ web"),
        row("Always restarts a failure", always, status(S0, exited("web", 1)), "+ web"),
        row(
            "OnFailure restarts failures only",
            onFailure,
            status(S0, exited("a", 0), exited("b", 1)),
            "+ b"),
        row(
            "OnFailure, all succeeded",
            onFailure,
            status(S0, exited("a", 0), exited("b", 0)),
            "kill"),
        row(
            "Never keeps the pod while one runs",
            pod("Never", NONE, List.of(container("a"), container("b"))),
            status(S0, exited("a", 1), running("b")),
            ""),
        row("Never starts no second one", never, status(S0, exited("web", 1)), "kill"),
        row("Never, the sandbox died", never, status(DEAD, exited("web", 137)), "kill"),
        row("Never, the first sandbox never worked", never, status(DEAD), "new 1 + web"),
        row(
            "OnFailure, new sandbox without the one that succeeded",
            onFailure,
            status(DEAD, exited("a", 0), exited("b", 137)),
            "new 1 + b"),
        row(
            "OnFailure, nothing left for a new sandbox",
            onFailure,
            status(DEAD, exited("a", 0), exited("b", 0)),
            "kill"),
        row(
            "a created container is started again",
            always,
            status(S0, inState("web", State.CREATED)),
            "+ web"),
        row(
            "an unknown one is killed first",
            always,
            status(S0, inState("web", State.UNKNOWN)),
            "- web + web"),
        row(
            "a container's own policy wins",
            pod("Always", NONE, List.of(container("a"), container("b", "Never"))),
            status(S0, running("a"), exited("b", 1)),
            ""),
        row(
            "a changed image restarts",
            always,
            status(S0, instance("web", "s0", State.RUNNING, 0, 0, "abc", "nginx")),
            "- web + web"),
        row(
            "a foreign hash of the same image does not",
            always,
            status(
                S0,
                instance(
                    "web", "s0", State.RUNNING, 0, 0, "abc", "docker.io/library/busybox:latest")),
            ""),
        row(
            "a hash of ours is enough",
            always,
            status(
                S0,
                instance(
                    "web",
                    "s0",
                    State.RUNNING,
                    0,
                    0,
                    ContainerHash.of("web", "busybox"),
                    "sha256:1")),
            ""),
        row(
            "one that runs in an old sandbox is replaced",
            always,
            status(List.of(sandbox("s1", 1, true), sandbox("s0", 0, false)), running("web")),
            "- web + web"),
        row("the first init container only", inits, status(List.of()), "new 0 + i1"),
        row("one at a time", inits, status(S0, running("i1")), ""),
        row("the next after a success", inits, status(S0, exited("i1", 0)), "+ i2"),
        row("all done", inits, status(S0, exited("i1", 0), exited("i2", 0)), "+ web"),
        row("a failed one again", inits, status(S0, exited("i1", 1)), "+ i1"),
        row("a created one again", inits, status(S0, inState("i1", State.CREATED)), "+ i1"),
        row(
            "a failed one under Never ends the pod",
            neverInit,
            status(S0, exited("i1", 1)),
            "kill"),
        row(
            "a removed one does not matter once the pod runs",
            inits,
            status(S0, running("web")),
            ""),
        row(
            "a new sandbox begins with the first",
            inits,
            status(DEAD, exited("i1", 0), exited("i2", 0), exited("web", 137)),
            "new 1 + i1"),
        row(
            "init containers of the old sandbox do not count",
            inits,
            status(
                List.of(sandbox("s1", 1, true), sandbox("s0", 0, false)), exited("i1", 0),
                exited("i2", 0), exited("web", 137)),
            "+ i1"),
        row(
            "a sidecar is followed by the next at once",
            sidecars,
            status(S0, exited("i1", 0), running("s1")),
            "+ s2"),
        row(
            "the last sidecar lets the others start",
            sidecars,
            status(S0, exited("i1", 0), running("s1"), running("s2")),
            "+ web"),
        row(
            "an early sidecar is kept running",
            sidecars,
            status(S0, exited("i1", 0), exited("s1", 1), running("s2")),
            "+ s1 web"),
        row(
            "the last sidecar that died holds the others",
            sidecars,
            status(S0, exited("i1", 0), running("s1"), exited("s2", 1)),
            "+ s2"),
        row(
            "a sidecar is restarted beside the others",
            sidecars,
            status(S0, exited("i1", 0), running("s1"), exited("s2", 0), running("web")),
            "+ s2"),
        row(
            "a sidecar that was never there is started",
            sidecars,
            status(S0, exited("i1", 0), running("s1"), running("web")),
            "+ s2"),
        row(
            "a sidecar runs beside later init containers",
            sidecarFirst,
            status(S0, exited("s1", 1), running("i1")),
            "+ s1"),
        row(
            "a sidecar holds no pod alive",
            neverSidecar,
            status(S0, running("s1"), exited("web", 0)),
            "kill"),
        row(
            "a dead sidecar is not restarted for a pod that is over",
            neverSidecar,
            status(S0, exited("s1", 1), exited("web", 0)),
            "kill"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void plans(String rule, FrozenPod pod, PodStatus observed, String plan) {
    assertThat(shortly(PodActions.of(pod, observed, BackoffTable.EMPTY, NOW)))
        .as(rule)
        .isEqualTo(plan);
  }

  @Test
  void restartCountsGoOn() {
    Adjust plan = adjust(pod("Always", NONE, WEB), status(S0, exited("web", 1, "s0", 4)));

    assertThat(plan.start().getFirst().attempt()).isEqualTo(5);
    assertThat(plan.start().getFirst().exitedAt()).contains(NOW);
  }

  @Test
  void aSecondCrashIsHeldBack() {
    String key = BackoffTable.key("web", ContainerHash.of("web", "busybox"));
    PodStatus crashed = status(S0, exited("web", 1, "s0", 1));
    BackoffTable table = BackoffTable.EMPTY
        .restarted(key, NOW.minusSeconds(20), NOW.minusSeconds(20))
        .seeing(crashed, NOW.minusSeconds(5));

    var plan = (Adjust) PodActions.of(pod("Always", NONE, WEB), crashed, table, NOW);

    assertThat(plan.start()).isEmpty();
    assertThat(plan.held()).hasSize(1);
    assertThat(plan.held().getFirst().until()).isEqualTo(NOW.plusSeconds(5));
    assertThat(plan.inSync()).isFalse();
  }

  @Test
  void killMessagesAreUpstreams() {
    Adjust changed = adjust(
        pod("Always", NONE, WEB),
        status(S0, instance("web", "s0", State.RUNNING, 0, 0, "abc", "nginx")));
    Adjust unknown = adjust(pod("Always", NONE, WEB), status(S0, inState("web", State.UNKNOWN)));

    assertThat(changed.stop().getFirst().message())
        .isEqualTo("Container web definition changed, will be restarted");
    assertThat(unknown.stop().getFirst().reason()).isEqualTo("Unknown");
  }

  @Test
  void nothingStartsInAPodThatIsBeingDeleted() {
    FrozenPod pod = pod("Always", NONE, WEB);
    pod.object().getMetadata().setDeletionTimestamp("2026-11-01T11:00:00Z");

    assertThat(PodActions.of(pod, status(S0), BackoffTable.EMPTY, NOW)).isInstanceOf(Kill.class);
    assertThat(PodActions.of(pod, status(List.of()), BackoffTable.EMPTY, NOW))
        .isInstanceOf(Kill.class);
  }

  @Test
  void backoffDoublesToFiveMinutesAndBeginsAnewAfterALongLife() {
    String key = "web_1";
    Instant time = NOW;
    BackoffTable table = BackoffTable.EMPTY;
    assertThat(table.heldUntil(key, time, time)).isEmpty();
    for (int seconds : List.of(10, 20, 40, 80, 160, 300, 300)) {
      table = table.restarted(key, time, time);
      assertThat(table.delay(key)).isEqualTo(Duration.ofSeconds(seconds));
      assertThat(table.heldUntil(key, time, time)).contains(time.plusSeconds(seconds));
      assertThat(table.heldUntil(key, time, time.plusSeconds(seconds))).isEmpty();
    }
    Instant later = time.plus(Duration.ofMinutes(11));
    assertThat(table.heldUntil(key, later, later)).isEmpty();
    assertThat(table.restarted(key, later, later).delay(key)).isEqualTo(Duration.ofSeconds(10));
  }

  private static Adjust adjust(FrozenPod pod, PodStatus observed) {
    return (Adjust) PodActions.of(pod, observed, BackoffTable.EMPTY, NOW);
  }

  private static Arguments row(String rule, FrozenPod pod, PodStatus observed, String plan) {
    return Arguments.of(rule, pod, observed, plan);
  }

  private static Sandbox lostIp() {
    return new Sandbox("s0", 0, true, false, NOW, List.of(), Map.of(), Map.of(), true);
  }

  private static Sandbox withoutNetwork() {
    return new Sandbox("s0", 0, true, false, NOW, List.of(), Map.of(), Map.of());
  }

  private static FrozenPod hostNetwork() {
    FrozenPod pod = pod("Always", NONE, WEB);
    pod.object().getSpec().setHostNetwork(true);
    return pod;
  }

  private static String shortly(PodActions plan) {
    return switch (plan) {
      case Kill _ -> "kill";
      case Recreate r -> "new " + r.attempt() + names(" + ", r.start());
      case Adjust a -> {
        String stop = a.stop().isEmpty()
            ? ""
            : "- "
                + String.join(
                    " ", a.stop().stream().map(v -> v.container().name()).toList()) + " ";
        yield (stop + names("+ ", a.start())).strip();
      }
    };
  }

  private static String names(String prefix, List<PodActions.Start> starts) {
    return starts.isEmpty()
        ? ""
        : prefix + String.join(" ", starts.stream().map(PodActions.Start::name).toList());
  }
}
