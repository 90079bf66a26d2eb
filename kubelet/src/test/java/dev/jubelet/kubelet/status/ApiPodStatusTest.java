package dev.jubelet.kubelet.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatus.Sandbox;
import dev.jubelet.kubelet.cri.PodStatus.State;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.resource.TestPods;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiPodStatusTest {
  private static final Instant START = TestPods.SEEN;

  /// What changes from row to row; the rest is usual.
  private static final class Given {
    FrozenPod pod = TestPods.spec("containers: [{name: a, image: i}]");
    final List<PodStatus.ContainerStatus> seen = new ArrayList<>();
    final List<Sandbox> sandboxes = new ArrayList<>(List.of(sandbox(true)));
    Map<String, WaitingReason> reasons = Map.of();
    io.fabric8.kubernetes.api.model.@Nullable PodStatus previous;
    boolean terminating;
    boolean terminated;
    Optional<StatusInput.Overlay> overlay = Optional.empty();
    Instant now = START.plusSeconds(60);

    io.fabric8.kubernetes.api.model.PodStatus status() {
      var observed = new PodStatus(
          "u-1",
          "p",
          "default",
          sandboxes.isEmpty() ? List.of() : List.of("10.1.0.2", "fd00::2"),
          sandboxes,
          seen,
          now);
      return ApiPodStatus.of(new StatusInput(
          pod,
          observed,
          reasons,
          Optional.ofNullable(previous),
          terminating,
          terminated,
          overlay,
          "docker",
          List.of("192.0.2.1"),
          START,
          now));
    }

    /// `a:running b:exit1 c:created d:unknown`, newest first; `-` for none.
    Given sees(String containers) {
      Arrays.stream(containers.split(" "))
          .filter(word -> !word.equals("-"))
          .map(word -> word.split(":"))
          .forEach(word -> seen.add(seen(word[0], word[1])));
      return this;
    }

    private PodStatus.ContainerStatus seen(String name, String what) {
      State state = switch (what) {
        case "running" -> State.RUNNING;
        case "created" -> State.CREATED;
        case "unknown" -> State.UNKNOWN;
        default -> State.EXITED;
      };
      boolean exited = state == State.EXITED;
      int code = exited ? Integer.parseInt(what.substring("exit".length())) : 0;
      int instance = seen.size();
      return new PodStatus.ContainerStatus(
          name + instance,
          name,
          "s0",
          10 - instance,
          state,
          START,
          state == State.CREATED ? Optional.empty() : Optional.of(START.plusSeconds(1)),
          exited ? Optional.of(START.plusSeconds(2)) : Optional.empty(),
          code,
          "i",
          "ref",
          "sha256:1",
          "h",
          exited ? (code == 0 ? "Completed" : "Error") : "",
          "",
          "",
          Map.of());
    }
  }

  private static Sandbox sandbox(boolean ready) {
    return new Sandbox("s0", 0, ready, false, START, List.of("10.1.0.2"), Map.of(), Map.of());
  }

  @ParameterizedTest(name = "{0}, {1}: {2}")
  @CsvSource(delimiter = '|', textBlock = """
      Always    | -                 | Pending
      Always    | a:running         | Pending
      Always    | a:created b:running | Pending
      Always    | a:running b:running | Running
      Always    | a:running b:exit1 | Running
      Always    | a:exit0 b:exit0   | Running
      OnFailure | a:exit0 b:running | Running
      OnFailure | a:exit0 b:exit0   | Succeeded
      OnFailure | a:exit0 b:exit1   | Running
      Never     | a:exit0 b:exit0   | Succeeded
      Never     | a:exit0 b:exit1   | Failed
      Never     | a:exit1 b:running | Running
      Never     | a:exit0           | Pending
      """)
  void phaseOfRegularContainers(String policy, String seen, String phase) {
    Given given = new Given().sees(seen);
    given.pod = TestPods.spec(
        "{restartPolicy: %s, containers: [{name: a, image: i}, {name: b, image: i}]}"
            .formatted(policy));
    assertThat(given.status().getPhase()).isEqualTo(phase);
  }

  @ParameterizedTest(name = "{0}, {1}: {2}")
  @CsvSource(delimiter = '|', textBlock = """
      Always    | i:running                           | Pending
      Always    | i:exit0                             | Pending
      Always    | i:exit1                             | Pending
      Never     | i:exit1                             | Failed
      OnFailure | i:exit1                             | Pending
      Always    | i:exit0 s:running                   | Pending
      Always    | i:exit0 s:running a:running         | Running
      Always    | i:exit0 s:exit1 a:running           | Running
      Never     | i:exit0 s:running a:exit0           | Running
      Never     | i:exit0 s:exit137 a:exit0           | Succeeded
      Never     | i:exit0 s:exit0 a:exit1             | Failed
      Always    | i:running s:exit1 a:exit1           | Running
      """)
  void phaseWithInitContainers(String policy, String seen, String phase) {
    Given given = new Given().sees(seen);
    given.pod = TestPods.spec("""
        restartPolicy: %s
        initContainers:
        - {name: i, image: i}
        - {name: s, image: i, restartPolicy: Always}
        containers: [{name: a, image: i}]
        """.formatted(policy));
    assertThat(given.status().getPhase()).isEqualTo(phase);
  }

  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource({
    "Always, a:exit0, Succeeded",
    "Always, a:exit143, Failed",
    "Always, -, Failed",
    "Never, a:exit0, Succeeded",
    "Always, a:created, Failed"
  })
  void phaseBecomesFinalWhenThePodHasEnded(String policy, String seen, String phase) {
    Given given = new Given().sees(seen);
    given.pod =
        TestPods.spec("{restartPolicy: %s, containers: [{name: a, image: i}]}".formatted(policy));
    given.terminating = true;
    given.terminated = true;
    assertThat(given.status().getPhase()).isEqualTo(phase);
  }

  @Test
  void finalPhaseStaysWithItsReason() {
    Given given = new Given().sees("a:running");
    given.previous = new io.fabric8.kubernetes.api.model.PodStatus();
    given.previous.setPhase("Failed");
    given.previous.setReason("Evicted");
    given.previous.setMessage("m");
    var status = given.status();
    assertThat(status.getPhase()).isEqualTo("Failed");
    assertThat(status.getReason()).isEqualTo("Evicted");
    assertThat(status.getMessage()).isEqualTo("m");
  }

  @Test
  void rejectedPodHasNoContainers() {
    Given given = new Given();
    given.sandboxes.clear();
    given.overlay = Optional.of(new StatusInput.Overlay("NodePorts", "Pod was rejected: x"));
    var status = given.status();
    assertThat(status.getPhase()).isEqualTo("Failed");
    assertThat(status.getReason()).isEqualTo("NodePorts");
    assertThat(status.getContainerStatuses()).isEmpty();
    assertThat(status.getConditions())
        .extracting(PodCondition::getType)
        .containsExactly("PodScheduled");
  }

  @ParameterizedTest(name = "{0}, reason {1}: {2} last {3}")
  @CsvSource(delimiter = '|', textBlock = """
      -               |                  | waiting ContainerCreating | -
      -               | ErrImagePull     | waiting ErrImagePull      | -
      a:created       |                  | waiting                   | -
      a:created       | RunContainerError| waiting RunContainerError | -
      a:running       | CrashLoopBackOff | running                   | -
      a:running a:exit1 |                | running                   | Error 1
      a:exit1         |                  | terminated Error 1        | -
      a:exit1         | CrashLoopBackOff | waiting CrashLoopBackOff  | Error 1
      a:exit1 a:exit2 |                  | terminated Error 1        | Error 2
      a:exit1 a:exit2 a:exit3 | CrashLoopBackOff | waiting CrashLoopBackOff | Error 1
      a:unknown       |                  | waiting                   | -
      """)
  void stateOfAContainer(String seen, @Nullable String reason, String state, String last) {
    Given given = new Given().sees(seen);
    if (reason != null) {
      given.reasons = Map.of("a", new WaitingReason(reason, "m"));
    }
    ContainerStatus status = given.status().getContainerStatuses().getFirst();
    assertThat(text(status.getState())).isEqualTo(state);
    assertThat(text(status.getLastState()))
        .isEqualTo(last.equals("-") ? "-" : "terminated " + last);
    assertThat(status.getReady()).isEqualTo(state.equals("running"));
    assertThat(status.getStarted()).isEqualTo(state.equals("running"));
  }

  @Test
  void noWaitingReasonWhileTerminating() {
    Given given = new Given().sees("a:exit1");
    given.reasons = Map.of("a", new WaitingReason("CrashLoopBackOff", ""));
    given.terminating = true;
    assertThat(text(given.status().getContainerStatuses().getFirst().getState()))
        .isEqualTo("terminated Error 1");
  }

  @ParameterizedTest(name = "{0}: before {1}, now {2}: {3}")
  @CsvSource(delimiter = '|', textBlock = """
      Never     | a:exit0   | -         | terminated Completed 0
      Never     | a:exit0   | a:created | terminated Completed 0
      OnFailure | a:exit0   | a:created | terminated Completed 0
      OnFailure | a:exit1   | a:created | waiting
      Always    | a:exit0   | a:created | waiting
      Always    | a:exit1   | -         | terminated Error 1
      Always    | a:running | -         | waiting ContainerCreating
      Always    | a:running | a:unknown | terminated ContainerStatusUnknown 137
      """)
  void stateAfterAnEarlierOne(String policy, String before, String now, String state) {
    FrozenPod pod =
        TestPods.spec("{restartPolicy: %s, containers: [{name: a, image: i}]}".formatted(policy));
    Given earlier = new Given().sees(before);
    earlier.pod = pod;
    Given given = new Given().sees(now);
    given.pod = pod;
    given.previous = earlier.status();
    assertThat(text(given.status().getContainerStatuses().getFirst().getState()))
        .isEqualTo(state);
  }

  @Test
  void containerThatVanishedCountsAsARestart() {
    Given earlier = new Given().sees("a:running");
    Given given = new Given();
    given.previous = earlier.status();
    ContainerStatus status = given.status().getContainerStatuses().getFirst();
    assertThat(text(status.getLastState())).isEqualTo("terminated ContainerStatusUnknown 137");
    assertThat(status.getRestartCount()).isEqualTo(11);
    assertThat(given.status().getPhase()).isEqualTo("Running");
  }

  @Test
  void lastStateSurvivesTheCollectionOfTheOldContainer() {
    Given earlier = new Given().sees("a:exit1");
    Given given = new Given();
    given.previous = earlier.status();
    given.seen.add(new Given().sees("x:exit0 a:running").seen.get(1));
    ContainerStatus status = given.status().getContainerStatuses().getFirst();
    assertThat(text(status.getState())).isEqualTo("running");
    assertThat(text(status.getLastState())).isEqualTo("terminated Error 1");
    assertThat(status.getRestartCount()).as("never less than before").isEqualTo(10);
    given.previous = given.status();
    assertThat(text(given.status().getContainerStatuses().getFirst().getLastState()))
        .isEqualTo("terminated Error 1");
  }

  @Test
  void whatRanAndIsGoneAtTheEndHasEnded() {
    Given earlier = new Given().sees("a:running");
    Given given = new Given();
    given.previous = earlier.status();
    given.sandboxes.clear();
    given.terminating = true;
    given.terminated = true;
    assertThat(text(given.status().getContainerStatuses().getFirst().getState()))
        .isEqualTo("terminated ContainerStatusUnknown 137");
    assertThat(given.status().getPhase()).isEqualTo("Failed");
    assertThat(given.status().getPodIP()).isEqualTo("10.1.0.2");
  }

  @Test
  void initContainersAreReadyWhenDoneAndWaitAsPodInitializing() {
    Given given = new Given().sees("i1:exit0 s:running");
    given.pod = TestPods.spec("""
        initContainers:
        - {name: i1, image: i}
        - {name: s, image: i, restartPolicy: Always}
        - {name: i2, image: i}
        containers: [{name: z, image: i}, {name: a, image: i}]
        """);
    var status = given.status();
    assertThat(status.getInitContainerStatuses())
        .extracting(ContainerStatus::getName)
        .containsExactly("i1", "s", "i2");
    assertThat(status.getInitContainerStatuses())
        .extracting(ContainerStatus::getReady)
        .containsExactly(true, true, false);
    assertThat(status.getContainerStatuses())
        .extracting(ContainerStatus::getName)
        .containsExactly("a", "z");
    assertThat(text(status.getContainerStatuses().getFirst().getState()))
        .isEqualTo("waiting PodInitializing");
    assertThat(conditions(status))
        .contains(
            "Initialized=False ContainersNotInitialized: containers with incomplete status: [i2]",
            "Ready=False ContainersNotReady: containers with unready status: [z a]",
            "ContainersReady=False ContainersNotReady: containers with unready status: [z a]");
  }

  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource(delimiter = '|', textBlock = """
      Always | a:running | PodReadyToStartContainers=True; Initialized=True; Ready=True; ContainersReady=True; PodScheduled=True
      Never  | a:exit0   | PodReadyToStartContainers=True; Initialized=True PodCompleted; Ready=False PodCompleted; ContainersReady=False PodCompleted; PodScheduled=True
      Never  | a:exit1   | PodReadyToStartContainers=True; Initialized=True; Ready=False PodFailed; ContainersReady=False PodFailed; PodScheduled=True
      """)
  void conditionsOf(String policy, String seen, String expected) {
    Given given = new Given().sees(seen);
    given.pod =
        TestPods.spec("{restartPolicy: %s, containers: [{name: a, image: i}]}".formatted(policy));
    assertThat(String.join("; ", conditions(given.status()))).isEqualTo(expected);
  }

  @Test
  void conditionKeepsItsTimeUntilItChangesAndForeignOnesStay() {
    Given given = new Given().sees("a:running");
    given.previous = given.status();
    given
        .previous
        .getConditions()
        .addFirst(new PodConditionBuilder()
            .withType("example.org/x")
            .withStatus("True")
            .build());
    given.now = START.plusSeconds(600);
    given.sandboxes.set(0, sandbox(false));
    var status = given.status();
    assertThat(conditions(status).getFirst()).isEqualTo("example.org/x=True");
    Map<String, String> times = status.getConditions().stream()
        .filter(c -> c.getLastTransitionTime() != null)
        .collect(Collectors.toMap(PodCondition::getType, PodCondition::getLastTransitionTime));
    assertThat(times)
        .containsEntry("Ready", "2026-11-01T10:01:00Z")
        .containsEntry("PodReadyToStartContainers", "2026-11-01T10:10:00Z");
  }

  @Test
  void addressesClassAndTimes() {
    Given given = new Given().sees("a:running");
    var status = given.status();
    assertThat(status.getPodIP()).isEqualTo("10.1.0.2");
    assertThat(status.getPodIPs())
        .extracting(ip -> ip.getIp())
        .containsExactly("10.1.0.2", "fd00::2");
    assertThat(status.getHostIP()).isEqualTo("192.0.2.1");
    assertThat(status.getHostIPs()).hasSize(1);
    assertThat(status.getQosClass()).isEqualTo("BestEffort");
    assertThat(status.getStartTime()).isEqualTo("2026-11-01T10:00:00Z");
    ContainerStatus container = status.getContainerStatuses().getFirst();
    assertThat(container.getContainerID()).isEqualTo("docker://a0");
    assertThat(container.getImageID()).isEqualTo("sha256:1");
    assertThat(container.getState().getRunning().getStartedAt()).isEqualTo("2026-11-01T10:00:01Z");
    given.pod = TestPods.spec("{hostNetwork: true, containers: [{name: a, image: i}]}");
    assertThat(given.status().getPodIP()).isEqualTo("192.0.2.1");
  }

  @Test
  void messagesShareTwelveKibibytes() {
    Given given = new Given();
    PodStatus.ContainerStatus seen = new Given().sees("a:exit1").seen.getFirst();
    given.seen.add(new PodStatus.ContainerStatus(
        seen.id(),
        seen.name(),
        seen.sandboxId(),
        0,
        State.EXITED,
        seen.createdAt(),
        seen.startedAt(),
        seen.finishedAt(),
        1,
        "i",
        "r",
        "i",
        "h",
        "Error",
        "x".repeat(20_000),
        "",
        Map.of()));
    given.pod = TestPods.spec("containers: [{name: a, image: i}, {name: b, image: i}]");
    assertThat(given
            .status()
            .getContainerStatuses()
            .getFirst()
            .getState()
            .getTerminated()
            .getMessage())
        .hasSize(6 * 1024);
  }

  private static String text(io.fabric8.kubernetes.api.model.ContainerState state) {
    if (state.getRunning() != null) {
      return "running";
    }
    if (state.getWaiting() != null) {
      String reason = state.getWaiting().getReason();
      return reason == null ? "waiting" : "waiting " + reason;
    }
    if (state.getTerminated() == null) {
      return "-";
    }
    return "terminated %s %d"
        .formatted(state.getTerminated().getReason(), state.getTerminated().getExitCode());
  }

  private static List<String> conditions(io.fabric8.kubernetes.api.model.PodStatus status) {
    return status.getConditions().stream()
        .map(c -> c.getType()
            + "="
            + c.getStatus()
            + (c.getReason() == null ? "" : " " + c.getReason())
            + (c.getMessage() == null ? "" : ": " + c.getMessage()))
        .toList();
  }
}
