package dev.jubelet.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.it.Docker;
import dev.jubelet.it.Jubelet;
import dev.jubelet.it.Node;
import dev.jubelet.trace.local.LocalClient;
import dev.jubelet.trace.local.LocalSockets;
import dev.jubelet.trace.local.v1.ListPodsRequest;
import dev.jubelet.trace.local.v1.PodRef;
import dev.jubelet.trace.local.v1.PodSummary;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Every named step of a pod's start and of its end × {kill -9, error, delay, hang}. The steps
/// are those that a pod really passed through. One round has as many pods as steps, so that
/// each step stops one of them: what stops them is `hang`, and the process is killed while
/// every one of them stands at its step.
class StepKillTest {
  private static final Duration SOON = Duration.ofMinutes(3);
  private static final Duration LOOK = Duration.ofMillis(500);

  /// Of the issue; the recorded ones must contain them.
  private static final Set<String> STARTS = Set.of(
      "shim/claim host ports",
      "shim/ensure sandbox image",
      "shim/create sandbox",
      "shim/checkpoint",
      "shim/start sandbox",
      "shim/network",
      "shim/resolve mounts",
      "shim/create container",
      "shim/follow log",
      "shim/start container",
      "cni/cni ADD bridge",
      "cni/cni ADD portmap",
      "step/look at the node",
      "step/describe pod sandbox",
      "step/set up volumes",
      "step/create pod sandbox",
      "step/read pod addresses",
      "step/find image jubelet/busybox:1",
      "step/start init container init",
      "step/start container one",
      "step/start container two",
      "step/ensure image",
      "step/configure container",
      "step/make log directory",
      "step/make mounts",
      "step/create container",
      "step/start container",
      "step/link log");

  private static final Set<String> ENDS = Set.of(
      "step/kill pod",
      "step/stop containers",
      "step/stop sandbox",
      "step/remove pod",
      "step/remove container",
      "step/remove sandbox",
      "step/remove log directory",
      "step/unmount volumes",
      "step/remove pod directory",
      "shim/stop container",
      "shim/stop containers",
      "shim/network down",
      "shim/stop sandbox",
      "shim/remove container",
      "shim/forget log",
      "shim/remove containers",
      "shim/remove sandbox",
      "shim/drop checkpoint",
      "cni/cni DEL bridge",
      "cni/cni DEL portmap");

  private static List<String> starts = List.of();
  private static List<String> ends = List.of();
  private static List<String> rules = List.of();
  private static List<String> pods = List.of();
  private static Node node;
  private static Points points;
  private static World world;
  private static RunningOnce once;
  private static String plain = "";
  private static String plainSince = "";

  @SuppressWarnings("NullAway.Init") // each test starts it
  private Jubelet agent;

  private static String manifest(int number) {
    return """
        apiVersion: v1
        kind: Pod
        metadata: {name: p%1$d}
        spec:
          terminationGracePeriodSeconds: 0
          volumes: [{name: data, emptyDir: {medium: Memory}}]
          initContainers:
            - name: init
              image: jubelet/busybox:1
              command: [/bin/sh, -c, "mkdir -p /data/sub; echo init >> /data/order"]
              volumeMounts: [{name: data, mountPath: /data}]
          containers:
            - name: one
              image: jubelet/busybox:1
              command: [/bin/sh, -c, "trap 'exit 0' TERM; echo one >> /data/order; echo up; sleep 100000 & wait"]
              ports: [{containerPort: 80, hostPort: %2$d}]
              volumeMounts: [{name: data, mountPath: /data}]
            - name: two
              image: jubelet/busybox:1
              command: [/bin/sh, -c, "trap 'exit 0' TERM; echo two >> /data/order; echo up; sleep 100000 & wait"]
              volumeMounts: [{name: data, mountPath: /data}, {name: data, mountPath: /sub, subPath: sub}]
        """.formatted(number, 31000 + number);
  }

  @BeforeAll
  static void recordTheStepsOfOnePod() throws Exception {
    plain = Docker.docker("run", "-d", "--network", "none", "jubelet/busybox:1", "sleep", "100000");
    plainSince = Docker.inspect(plain, "{{.State.StartedAt}}");
    node = new Node("stepkill");
    points = new Points(node.dir());
    node.withJvm(points.jvmOption());
    world = new World(node, "one", "two");
    once = new RunningOnce();
    try (Jubelet recorded = node.start()) {
      node.put("p0", manifest(0));
      converged(recorded, List.of("p0"));
      starts = steps();
      points.disarm();
      node.remove("p0");
      converged(recorded, List.of());
      ends = steps();
    }
    rules = World.rules();
    assertThat(starts).containsAll(STARTS);
    assertThat(ends).containsAll(ENDS);
    pods = IntStream.range(0, 2 * Math.max(starts.size(), ends.size()))
        .mapToObj(k -> "p" + k)
        .toList();
  }

  /// What a pod passed through, without what belongs to no pod.
  private static List<String> steps() throws Exception {
    return points.passed().stream()
        .filter(step -> step.matches("(shim|step)/.*|cni/cni (ADD|DEL) .*"))
        .toList();
  }

  @AfterAll
  static void end() throws Exception {
    once.close();
    Docker.docker("rm", "-f", plain);
  }

  @AfterEach
  void nothingForeignWasTouchedAndNothingRanTwice() throws Exception {
    if (agent != null) {
      agent.close();
    }
    once.check();
    assertThat(Docker.inspect(plain, "{{.State.Running}} {{.State.StartedAt}}"))
        .isEqualTo("true " + plainSince);
  }

  @Test
  void killedAtEveryStepThePodsConverge() throws Exception {
    List<String> lines = atBothEdges(starts, "hang");
    points.arm(lines);
    agent = node.start();
    put(pods);
    stuck(lines);
    node.put("p999", manifest(999));
    await("a pod that comes later")
        .atMost(SOON)
        .untilAsserted(() -> assertThat(Docker.running(node.podName("p999"), "two"))
            .as("%s", agent)
            .hasSize(1));
    Set<String> running = world.running();
    restart();
    List<String> all = Stream.concat(pods.stream(), Stream.of("p999")).toList();
    converged(agent, all);
    assertThat(world.running()).as("what ran goes on").containsAll(running);

    lines = atBothEdges(ends, "hang");
    points.arm(lines);
    for (String pod : all) {
      node.remove(pod);
    }
    stuck(lines);
    restart();
    converged(agent, List.of());
    assertThat(World.rules()).isEqualTo(rules);
  }

  @Test
  void errorsAndDelaysAtEveryStepAreOvercome() throws Exception {
    List<String> lines = faults(starts);
    points.arm(lines);
    agent = node.start();
    put(pods);
    fired(lines);
    converged(agent, pods);

    lines = faults(ends);
    points.arm(lines);
    for (String pod : pods) {
      node.remove(pod);
    }
    fired(lines);
    converged(agent, List.of());
    assertThat(World.rules()).isEqualTo(rules);
  }

  private static List<String> faults(List<String> steps) {
    // The library that runs plugins calls back; it has no steps that could fail.
    List<String> own = steps.stream().filter(step -> !step.startsWith("cni/")).toList();
    return Stream.concat(
            lines(steps, "before delay 200ms").stream(), lines(own, "after error").stream())
        .toList();
  }

  private static List<String> atBothEdges(List<String> steps, String fault) {
    return Stream.concat(
            lines(steps, "before " + fault).stream(), lines(steps, "after " + fault).stream())
        .toList();
  }

  private static List<String> lines(List<String> steps, String fault) {
    return steps.stream().map(step -> step + " " + fault).toList();
  }

  private static void put(List<String> names) throws Exception {
    for (String name : names) {
      node.put(name, manifest(Integer.parseInt(name.substring(1))));
    }
  }

  private void restart() throws Exception {
    agent.kill9();
    points.disarm();
    agent = node.start();
  }

  private void fired(List<String> lines) {
    await()
        .atMost(SOON)
        .pollInterval(LOOK)
        .untilAsserted(() -> assertThat(points.fired()).as("%s", agent).containsAll(lines));
  }

  /// A pod stands at each of these steps, and `why` says so.
  private void stuck(List<String> lines) throws Exception {
    fired(lines);
    List<String> said = why();
    for (String line : lines) {
      String step = line.substring(
          line.indexOf('/') + 1,
          line.length() - (line.contains(" before ") ? " before hang" : " after hang").length());
      assertThat(said).as("a pod is at \"%s\"", step).anyMatch(answer -> answer.contains(step));
    }
  }

  private static List<String> why() throws Exception {
    LocalSockets.Found found = LocalSockets.ofHost().running().getFirst();
    List<String> said = new ArrayList<>();
    try (LocalClient client = LocalClient.open(found.socket())) {
      for (PodSummary pod : client
          .within(Duration.ofSeconds(30))
          .listPods(ListPodsRequest.getDefaultInstance())
          .getPodsList()) {
        said.add(why(client, pod));
      }
    }
    return said;
  }

  /// Empty of a pod that is gone meanwhile.
  private static String why(LocalClient client, PodSummary pod) {
    try {
      return client
          .within(Duration.ofSeconds(30))
          .why(PodRef.newBuilder().setPod(pod.getUid()).build())
          .getAnswer();
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
      return "";
    }
  }

  private static void converged(Jubelet agent, List<String> wanted) {
    await()
        .atMost(SOON)
        .pollInterval(LOOK)
        .untilAsserted(() -> assertThat(world.problems(wanted)).as("%s", agent).isEmpty());
  }
}
