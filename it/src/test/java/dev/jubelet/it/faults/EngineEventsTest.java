package dev.jubelet.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.it.Jubelet;
import dev.jubelet.it.Node;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The engine's stream of events is cut again and again, and comes late, while pods come, die and
/// go.
class EngineEventsTest {
  private static final Duration SOON = Duration.ofMinutes(2);

  @Test
  void podsConvergeAndNothingElseRestarts() throws Exception {
    Node node = new Node("events");
    try (OwnEngine engine = new OwnEngine("events", 4);
        EngineProxy proxy = new EngineProxy(engine.dir().resolve("proxy.sock"), engine.socket())) {
      node.with("--docker-endpoint=unix://" + engine.dir().resolve("proxy.sock"));
      Pods.put(node, "calm", 2);
      try (Jubelet agent = node.start()) {
        engine.awaitPods(2, agent);
        Map<String, String> calm = engine.started();

        int streams = proxy.streams();
        Pods.put(node, "cut", 4);
        for (int i = 0; i < 12; i++) {
          proxy.cut();
          Thread.sleep(250);
        }
        engine.awaitPods(6, agent);
        await().atMost(SOON).until(() -> proxy.streams() > streams + 3);
        // The cut falls between the death and its event, or is followed by it.
        for (int i = 0; i < 4; i++) {
          String pod = node.podName("cut" + i);
          String main = engine.running(pod, "main").getFirst();
          if (i % 2 == 0) {
            proxy.cut();
          }
          engine.docker("kill", main);
          proxy.cut();
          engine.awaitAnother(pod, main, agent);
        }

        proxy.delay(Duration.ofSeconds(2));
        Pods.put(node, "late", 3);
        engine.awaitPods(9, agent);
        String late = node.podName("late0");
        String main = engine.running(late, "main").getFirst();
        engine.docker("kill", main);
        engine.awaitAnother(late, main, agent);
        assertThat(engine.started()).as("%s", agent).containsAllEntriesOf(calm).hasSize(18);

        for (String prefix : List.of("cut", "late")) {
          for (int i = 0; i < 4; i++) {
            node.remove(prefix + i);
          }
        }
        await().atMost(SOON).untilAsserted(() -> {
          assertThat(engine.docker("ps", "-aq").lines()).as("%s", agent).hasSize(4);
          assertThat(node.leases()).as("%s", agent).hasSize(2);
        });
        assertThat(engine.started()).as("%s", agent).isEqualTo(calm);
      }
    }
  }
}
