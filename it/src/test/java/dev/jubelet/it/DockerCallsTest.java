package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.testkit.FakeDocker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// How often a pod's start asks the engine, counted at the wire: the agent runs on the fake one.
class DockerCallsTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @Test
  void aPodOfOneContainerTakesSixCalls() throws Exception {
    Path dir = Files.createTempDirectory(Engine.work(), "calls");
    try (FakeDocker docker = FakeDocker.start(dir.resolve("docker.sock"))) {
      Files.createDirectories(dir.resolve("docker/containers"));
      docker.engine().rootDirectory(dir.resolve("docker").toString());
      docker.engine().addImage("pause:1", "sha256:" + "a".repeat(64), Map.of());
      docker.engine().addImage("app:1", "sha256:" + "b".repeat(64), Map.of());
      Path manifests = Files.createDirectories(dir.resolve("manifests"));
      try (Jubelet agent = start(dir, docker, manifests)) {
        put(manifests, "first");
        await().atMost(SOON).until(() -> agent.err().contains("Started container main"));
        await().during(Duration.ofSeconds(2)).atMost(SOON).until(() -> quiet(docker));
        docker.forgetCalls();
        put(manifests, "second");
        await()
            .atMost(SOON)
            .untilAsserted(() -> assertThat(agent.err().split("Started container main", -1))
                .as("%s", agent)
                .hasSize(3));
        await().during(Duration.ofSeconds(2)).atMost(SOON).until(() -> quiet(docker));
        assertThat(calls(docker))
            .satisfiesExactlyInAnyOrder(
                call -> assertThat(call).isEqualTo("POST /containers/create"),
                call -> assertThat(call).matches("POST /containers/[0-9a-f]+/start"),
                call -> assertThat(call).matches("GET /containers/[0-9a-f]+/json"),
                call -> assertThat(call).isEqualTo("POST /containers/create"),
                call -> assertThat(call).matches("POST /containers/[0-9a-f]+/start"),
                call -> assertThat(call).matches("GET /containers/[0-9a-f]+/json"));
      }
    }
  }

  private static Jubelet start(Path dir, FakeDocker docker, Path manifests) throws Exception {
    Path config = Files.writeString(dir.resolve("config.yaml"), """
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        podLogsDir: %s
        """.formatted(dir.resolve("logs")));
    return Jubelet.start(
        "node",
        "--config=" + config,
        "--root-dir=" + dir.resolve("kubelet"),
        "--pod-manifest-path=" + manifests,
        "--hostname-override=calls",
        "--network-plugin=none",
        "--pod-infra-container-image=pause:1",
        "--docker-endpoint=unix://" + docker.socket(),
        "--experimental-dockershim-root-directory=" + dir.resolve("shim"));
  }

  private static void put(Path manifests, String name) throws Exception {
    Path hidden = manifests.resolve("." + name);
    Files.writeString(hidden, """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s}
        spec:
          terminationGracePeriodSeconds: 0
          containers: [{name: main, image: "app:1", command: [app]}]
        """.formatted(name));
    Files.move(hidden, manifests.resolve(name + ".yaml"));
  }

  private static boolean quiet(FakeDocker docker) throws InterruptedException {
    int before = calls(docker).size();
    Thread.sleep(200);
    return before == calls(docker).size();
  }

  /// Without those that come by the clock whatever the pods do: the canary, and the list of the
  /// audit.
  private static List<String> calls(FakeDocker docker) {
    return docker.calls().stream()
        .map(FakeDocker.Call::text)
        .filter(call -> !call.equals("GET /containers/json"))
        .filter(call -> !call.equals("GET /containers/jubelet-canary/json"))
        .toList();
  }
}
