package dev.jubelet.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.it.Engine;
import dev.jubelet.it.Jubelet;
import dev.jubelet.it.Node;
import dev.jubelet.it.Ran;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The dockerd of the tests (20.10) is replaced by Docker 29 under a running agent: another API,
/// another containerd and runc, the same data.
class EngineUpgradeTest {
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final Path NEWER = Engine.peer("jubelet.docker29");
  private static final String COUNTING =
      "n=0; while sleep 0.1; do n=$((n + 1)); echo line $n; done";

  @Test
  void withLiveRestoreNothingRestartsAndNoLineIsLost() throws Exception {
    Node node = new Node("newer");
    try (OwnEngine engine = new OwnEngine("newer", 5, "--live-restore")) {
      node.with("--docker-endpoint=unix://" + engine.socket());
      Pods.put(node, "old", 2);
      node.put("counting", Pods.of("counting", """
          containers: [{name: main, image: "%s", command: [/bin/sh, -c, "%s"]}]""".formatted(OwnEngine.IMAGE, COUNTING)));
      try (Jubelet agent = node.start()) {
        engine.awaitPods(3, agent);
        Map<String, String> before = engine.started();
        await().atMost(SOON).until(() -> lines(node).size() > 20);

        engine.upgrade(NEWER);
        assertThat(Ran.run(NEWER.toString(), "--version").ok().out())
            .contains("version " + engine.docker("version", "--format", "{{.Server.Version}}"));
        Pods.put(node, "late", 1);
        engine.awaitPods(4, agent);
        assertThat(engine.started()).as("%s", agent).containsAllEntriesOf(before);

        int atUpgrade = lines(node).size();
        await()
            .atMost(SOON)
            .untilAsserted(
                () -> assertThat(lines(node)).as("%s", agent).hasSizeGreaterThan(atUpgrade + 20));
        List<String> lines = lines(node);
        assertThat(lines)
            .isEqualTo(IntStream.rangeClosed(1, lines.size())
                .mapToObj(k -> "line " + k)
                .toList());

        // The events of the newer engine are heard, and it restarts what the older one made.
        String main = engine.running(node.podName("old0"), "main").getFirst();
        engine.docker("kill", main);
        engine.awaitAnother(node.podName("old0"), main, agent);
        removeAll(node, engine, agent);
      }
    }
  }

  @Test
  void withoutItEachPodComesBackOnce() throws Exception {
    Node node = new Node("replaced");
    try (OwnEngine engine = new OwnEngine("replaced", 6)) {
      node.with("--docker-endpoint=unix://" + engine.socket());
      Pods.put(node, "old", 3);
      try (Jubelet agent = node.start()) {
        engine.awaitPods(3, agent);
        engine.upgrade(NEWER);
        engine.awaitPods(3, agent);
        engine.assertRestarts(1);
        removeAll(node, engine, agent);
      }
    }
  }

  /// What `counting` has written, as its pod's logs show it.
  private static List<String> lines(Node node) throws Exception {
    return Ran.run(
            "sh", "-c", "cat /var/log/pods/default_" + node.podName("counting") + "_*/main/*.log")
        .ok()
        .out()
        .lines()
        .map(line -> line.substring(line.indexOf("line ")))
        .toList();
  }

  private static void removeAll(Node node, OwnEngine engine, Jubelet agent) throws Exception {
    for (String pod : List.of("old0", "old1", "old2", "late0", "counting")) {
      node.remove(pod);
    }
    engine.awaitNothing(node, agent);
  }
}
