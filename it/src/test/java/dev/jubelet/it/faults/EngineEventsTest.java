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
        awaitRunning(engine, agent, 2);
        Map<String, String> calm = engine.started();

        int streams = proxy.streams();
        Pods.put(node, "cut", 4);
        for (int i = 0; i < 12; i++) {
          proxy.cut();
          Thread.sleep(250);
        }
        awaitRunning(engine, agent, 6);
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
          awaitAnother(engine, agent, pod, main);
        }

        proxy.delay(Duration.ofSeconds(2));
        Pods.put(node, "late", 3);
        awaitRunning(engine, agent, 9);
        String late = node.podName("late0");
        String main = engine.running(late, "main").getFirst();
        engine.docker("kill", main);
        awaitAnother(engine, agent, late, main);
        assertThat(engine.started()).as("%s", agent).containsAllEntriesOf(calm).hasSize(18);

        for (String prefix : List.of("cut", "late")) {
          for (int i = 0; i < 4; i++) {
            node.remove(prefix + i);
          }
        }
        await().atMost(SOON).untilAsserted(() -> {
          assertThat(engine.docker("ps", "-aq").lines()).as("%s", agent).hasSize(4);
          assertThat(Pods.leases(node)).as("%s", agent).hasSize(2);
        });
        assertThat(engine.started()).as("%s", agent).isEqualTo(calm);
      }
    }
  }

  private static void awaitAnother(OwnEngine engine, Jubelet agent, String pod, String than) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(engine.running(pod, "main"))
            .as("%s", agent)
            .hasSize(1)
            .doesNotContain(than));
  }

  private static void awaitRunning(OwnEngine engine, Jubelet agent, int pods) {
    await().atMost(SOON).untilAsserted(() -> {
      assertThat(engine.running("main")).as("%s\n%s", agent, engine).hasSize(pods);
      assertThat(engine.running("POD")).as("%s", agent).hasSize(pods);
    });
  }
}
