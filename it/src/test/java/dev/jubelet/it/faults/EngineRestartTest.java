package dev.jubelet.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.it.Jubelet;
import dev.jubelet.it.Node;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// dockerd ends and comes back under a running agent, in order and by kill -9.
class EngineRestartTest {
  private static final Duration SOON = Duration.ofMinutes(2);

  @Test
  void withLiveRestoreNothingRestarts() throws Exception {
    Node node = new Node("live");
    try (OwnEngine engine = new OwnEngine("live", 1, "--live-restore")) {
      node.with("--docker-endpoint=unix://" + engine.socket());
      Pods.put(node, "old", 4);
      try (Jubelet agent = node.start()) {
        engine.awaitPods(4, agent);
        Map<String, String> before = engine.started();
        engine.stop();
        engine.start();
        Pods.put(node, "late", 1);
        engine.awaitPods(5, agent);
        assertThat(engine.started()).as("%s", agent).containsAllEntriesOf(before);

        Pods.put(node, "burst", 8);
        await().atMost(SOON).until(() -> engine.running("POD").size() > 6);
        Map<String, String> atKill = engine.started();
        engine.kill9();
        engine.start();
        engine.awaitPods(13, agent);
        assertThat(engine.started()).as("%s", agent).containsAllEntriesOf(before);
        assertThat(engine.started().keySet()).hasSize(26);
        assertThat(mains(atKill)).isEqualTo(mains(retained(engine.started(), atKill)));
        await().atMost(SOON).untilAsserted(() -> assertThat(node.leases()).hasSize(13));

        // The events of the new engine are heard.
        String main = engine.running(node.podName("old0"), "main").getFirst();
        engine.docker("kill", main);
        engine.awaitAnother(node.podName("old0"), main, agent);
        removeAll(node, engine, agent, List.of("old", "late", "burst"));
      }
    }
  }

  private static Map<String, String> mains(Map<String, String> started) {
    Map<String, String> mains = new java.util.TreeMap<>(started);
    mains.keySet().removeIf(name -> !name.startsWith("/k8s_main_"));
    return mains;
  }

  private static Map<String, String> retained(Map<String, String> now, Map<String, String> old) {
    Map<String, String> both = new java.util.TreeMap<>(now);
    both.keySet().retainAll(old.keySet());
    return both;
  }

  @Test
  void withoutItEachPodComesBackOncePerRestart() throws Exception {
    Node node = new Node("dead");
    try (OwnEngine engine = new OwnEngine("dead", 2)) {
      node.with("--docker-endpoint=unix://" + engine.socket());
      Pods.put(node, "old", 3);
      node.put(
          "once",
          Pods.of(
              "once", "restartPolicy: Never\ncontainers: [%s]".formatted(Pods.sleeping("main"))));
      try (Jubelet agent = node.start()) {
        engine.awaitPods(4, agent);
        engine.stop();
        engine.start();
        engine.awaitPods(3, agent);
        engine.assertRestarts(1);
        engine.kill9();
        engine.start();
        await().atMost(SOON).untilAsserted(() -> {
          engine.awaitPods(3, agent);
          engine.assertRestarts(2);
        });
        assertThat(engine.running(node.podName("once"), "main"))
            .as("a terminated pod never runs again; %s", agent)
            .isEmpty();
        await()
            .atMost(SOON)
            .untilAsserted(() -> assertThat(node.leases()).as("%s", agent).hasSize(3));
        node.remove("once");
        removeAll(node, engine, agent, List.of("old"));
      }
    }
  }

  private static void removeAll(Node node, OwnEngine engine, Jubelet agent, List<String> prefixes)
      throws Exception {
    for (String prefix : prefixes) {
      for (int i = 0; i < 10; i++) {
        node.remove(prefix + i);
      }
    }
    engine.awaitNothing(node, agent);
  }
}
