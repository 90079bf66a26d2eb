package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `jubelet run` as a new user meets it, on a dockerd that was started plainly.
class RunTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private static Path manifest(String name, String spec) throws Exception {
    return Files.writeString(
        Engine.work().resolve(name + ".yaml"),
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: %s\nspec:\n%s"
            .formatted(name, spec.indent(2)));
  }

  private static String container(String command) {
    return """
    terminationGracePeriodSeconds: 1
    restartPolicy: Never
    containers:
      - name: main
        image: jubelet/busybox:1
        command: [/bin/sh, -c, "%s"]
    """.formatted(command);
  }

  @Test
  void helloPrintsItsStepsAndItsOutputAndEndsWithZero() throws Exception {
    Ran ran = Jubelet.run("run", Engine.top().resolve("examples/hello.yaml").toString());
    assertThat(ran.exitCode()).as("%s", ran).isZero();
    assertThat(ran.out() + ran.err())
        .contains("hello from hello")
        .contains("RunPodSandbox")
        .contains("my address is 172.30.");
    assertThat(Docker.ofPod("hello")).isEmpty();
  }

  @Test
  void aFailedPodGivesOneAndIsNamed() throws Exception {
    Path file = manifest("fails", container("echo oh; exit 7"));
    Ran ran = Jubelet.run("run", file.toString());
    assertThat(ran.exitCode()).as("%s", ran).isOne();
    assertThat(ran.err()).contains("fails");
    assertThat(Docker.ofPod("fails")).isEmpty();
  }

  @Test
  void ctrlCRemovesThePods() throws Exception {
    Path file = manifest("stopped", container("sleep 1000"));
    try (Jubelet run = Jubelet.start("run", file.toString())) {
      await().atMost(SOON).until(() -> Docker.running("stopped", "main").size() == 1);
      run.signal("INT");
      assertThat(run.await(30)).as("%s", run).isEqualTo(130);
    }
    assertThat(Docker.ofPod("stopped")).isEmpty();
  }

  @Test
  void theWaterfallReachesFromTheManifestToTheProcess() throws Exception {
    // A busy machine may hold up any step for 20 ms: one of three starts must show none.
    List<AssertionError> held = new ArrayList<>();
    for (int k = 0; k < 3 && held.size() == k; k++) {
      String pod = "traced" + k;
      try (Jubelet run =
          Jubelet.start("run", manifest(pod, container("sleep 1000")).toString())) {
        Started started = started(pod);
        try {
          Waterfalls.check(started.trace(), started.at());
        } catch (AssertionError e) {
          held.add(e);
        }
        run.signal("TERM");
        run.await(30);
      }
    }
    assertThat(held).as("each of three starts had something").hasSizeLessThan(3);
  }

  @Test
  void aRunningPodCanBeLookedAt() throws Exception {
    try (Jubelet run =
        Jubelet.start("run", manifest("looked", container("sleep 1000")).toString())) {
      var _ = started("looked");
      assertThat(Jubelet.run("trace", "looked").ok().out())
          .contains("docker create_container")
          .contains("RunPodSandbox");
      assertThat(Jubelet.run("why", "looked").ok().out()).containsIgnoringCase("nothing");
      assertThat(Jubelet.run("exec", "looked", "--", "echo", "inside").ok().out())
          .isEqualTo("inside\n");
      run.signal("TERM");
      run.await(30);
    }
  }

  /// A pod's trace, and when Docker started its container.
  private record Started(JsonNode trace, String at) {}

  private static Started started(String pod) throws Exception {
    await().atMost(SOON).until(() -> Docker.running(pod, "main").size() == 1);
    String id = Docker.running(pod, "main").getFirst();
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(Jubelet.run("ps").ok().out()).contains(pod).contains("Running"));
    JsonNode trace =
        new JsonMapper().readTree(Jubelet.run("trace", pod, "-o", "json").ok().out());
    return new Started(trace, Docker.inspect(id, "{{.State.StartedAt}}"));
  }

  @Test
  void detachedPodsGoOnAndRmRemovesThem() throws Exception {
    Path file = manifest("detached", container("while true; do echo tick; sleep 1; done"));
    Ran ran = Jubelet.run("run", "--detach", file.toString()).ok();
    assertThat(ran.out() + ran.err()).contains(".log");
    await().atMost(SOON).until(() -> Docker.running("detached", "main").size() == 1);
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(Jubelet.run("logs", "detached").ok().out()).contains("tick"));
    // A second run shares the agent.
    Path other = manifest("other", container("echo shared"));
    Ran second = Jubelet.run("run", other.toString());
    assertThat(second.exitCode()).as("%s", second).isZero();
    assertThat(second.out()).contains("shared");
    Jubelet.run("rm", "detached").ok();
    assertThat(Docker.ofPod("detached")).isEmpty();
  }

  @Test
  void badManifestsAreNamedWithFieldAndFix() throws Exception {
    Map<String, List<String>> cases = Map.of(
        "containers:\n  - name: x\n    imagee: z",
        List.of("imagee"),
        "containers:\n  - image: some",
        List.of("spec.containers[0].name"),
        container("true").replace("restartPolicy: Never", "hostUsers: false"),
        List.of("hostUsers"),
        container("true") + "    livenessProbe: {exec: {command: [\"true\"]}}\n",
        List.of("livenessProbe"),
        "volumes: [{name: v, configMap: {name: c}}]\n" + container("true"),
        List.of("configMap"));
    for (Map.Entry<String, List<String>> bad : cases.entrySet()) {
      Ran ran = Jubelet.run("run", manifest("bad", bad.getKey()).toString());
      assertThat(ran.exitCode()).as("%s\n%s", bad.getKey(), ran).isEqualTo(2);
      assertThat(ran.err()).contains(bad.getValue());
      assertThat(Docker.ofPod("bad")).isEmpty();
    }
    Ran none = Jubelet.run("run", "/nowhere.yaml");
    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.err()).contains("/nowhere.yaml");
    Ran service = Jubelet.run(
        "run",
        Files.writeString(
                Engine.work().resolve("service.yaml"),
                "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n")
            .toString());
    assertThat(service.exitCode()).isEqualTo(2);
    assertThat(service.err()).contains("Service");
  }
}
