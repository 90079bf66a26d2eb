package dev.jubelet.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.it.Docker;
import dev.jubelet.it.Engine;
import dev.jubelet.it.Jubelet;
import dev.jubelet.it.Node;
import dev.jubelet.it.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A second agent on a root directory that is in use: it refuses, names the first, and takes
/// nothing of it.
class TwoAgentsTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String POD = """
      apiVersion: v1
      kind: Pod
      metadata: {name: one}
      spec:
        hostNetwork: true
        terminationGracePeriodSeconds: 0
        containers: [{name: main, image: "jubelet/busybox:1", command: [/bin/sleep, "100000"]}]
      """;

  @Test
  void theSecondRefusesAndNamesTheFirst() throws Exception {
    Node node = new Node("twins");
    node.put("one", POD);
    String pod = node.podName("one");
    try (Jubelet first = node.start()) {
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> assertThat(Docker.running(pod, "main")).as("%s", first).hasSize(1));
      List<String> running = Docker.running(pod, "main");
      Ran same = Jubelet.run(node.args().toArray(String[]::new));
      Ran otherShim = Jubelet.run(concat(
          node.args(), "--experimental-dockershim-root-directory=" + node.dir().resolve("shim2")));
      for (Ran second : List.of(same, otherShim)) {
        assertThat(second.exitCode()).as("%s", second).isNotZero();
        assertThat(second.err())
            .contains(node.root() + " is in use by pid " + first.pid() + ": stop it first")
            .doesNotContain("\tat ");
      }
      Path shim = node.dir().resolve("dockershim");
      Ran ofShim = Jubelet.run(
          "dockershim",
          "--container-runtime-endpoint=unix://" + node.dir().resolve("second.sock"),
          "--docker-endpoint=unix://" + Engine.socket(),
          "--cri-dockerd-root-directory=" + shim);
      assertThat(ofShim.exitCode()).as("%s", ofShim).isNotZero();
      assertThat(ofShim.err()).contains(shim + " is in use by pid " + first.pid());
      assertThat(Node.crictl("version")).as("the first still serves").contains("docker");
      assertThat(Docker.running(pod, "main")).isEqualTo(running);
      first.kill9();
    }
    node.remove("one");
    try (Jubelet third = node.start()) {
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(Docker.ofPod(pod))
              .as("a dead one's lock is free; %s", third)
              .isEmpty());
    }
    assertThat(Files.readString(node.root().resolve("lock")).strip()).matches("\\d+");
  }

  private static String[] concat(List<String> words, String more) {
    List<String> all = new java.util.ArrayList<>(words);
    all.add(more);
    return all.toArray(String[]::new);
  }
}
