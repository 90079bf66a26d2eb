package dev.jubelet.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.it.Jubelet;
import dev.jubelet.it.Node;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// dockerd stops answering (SIGSTOP) while a burst of pods starts, and the agent is restarted
/// meanwhile.
class EngineHangTest {
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final Duration HANG = Duration.ofSeconds(30);
  private static final String OLDEST = "the oldest call, [a-z_]+ .*, has waited for \\d+ s";

  @Test
  void aBurstGoesThroughAndTheAgentSaysWhatHangs() throws Exception {
    Node node = new Node("hang");
    try (OwnEngine engine = new OwnEngine("hang", 3, "--live-restore")) {
      node.with("--docker-endpoint=unix://" + engine.socket());
      node.put("calm", Pods.sleeper("calm"));
      Map<String, String> before;
      try (Jubelet agent = node.start()) {
        engine.awaitPods(1, agent);
        await().atMost(SOON).until(() -> Healthz.get().status() == 200);
        before = engine.started();
        Pods.put(node, "burst", 8);
        await().atMost(SOON).until(() -> engine.running("main").size() > 2);
        Map<String, String> atHang = engine.started();
        long hung = System.nanoTime();
        engine.hang();
        assertSaysSo(agent, node);
        Thread.sleep(Math.max(0, HANG.toMillis() - (System.nanoTime() - hung) / 1_000_000));
        engine.resume();
        engine.awaitPods(9, agent);
        await().atMost(SOON).until(() -> Healthz.get().status() == 200);
        assertThat(engine.started())
            .as("nothing was started twice; %s", agent)
            .hasSize(18)
            .containsAllEntriesOf(atHang);
        // What else there is, is of starts that the engine itself gave up; the log names each.
        List<String> running = engine.docker("ps", "-q", "--no-trunc").lines().toList();
        assertThat(engine.docker("ps", "-aq", "--no-trunc").lines())
            .as("%s", agent)
            .containsAll(running)
            .allMatch(id -> running.contains(id)
                || agent.toString().contains("failed to start container \"" + id));
        Pods.put(node, "more", 4);
        await().atMost(SOON).until(() -> engine.running("POD").size() > 10);
        engine.hang();
        agent.kill9();
      }
      restartsWhileTheEngineHangs(node, engine, before);
    }
  }

  /// The pod at rest, those on their way, and the node itself.
  private static void assertSaysSo(Jubelet agent, Node node) {
    await().atMost(SOON).untilAsserted(() -> {
      Healthz healthz = Healthz.get();
      assertThat(healthz.status()).as("%s\n%s", healthz, agent).isEqualTo(500);
      assertThat(healthz.text()).contains("DockerDaemonNotReady").containsPattern(OLDEST);
    });
    for (String pod : List.of("calm", "burst7")) {
      await().atMost(SOON).untilAsserted(() -> {
        String why = Jubelet.run("why", node.podName(pod)).ok().out();
        assertThat(why).as("%s", agent).contains("RuntimeReady=false").containsPattern(OLDEST);
      });
    }
  }

  private static void restartsWhileTheEngineHangs(
      Node node, OwnEngine engine, Map<String, String> before) throws Exception {
    try (Jubelet second = node.start()) {
      await().atMost(SOON).untilAsserted(() -> {
        assertThat(Healthz.get().status()).as("%s", second).isEqualTo(500);
        assertThat(Jubelet.run("why", node.podName("calm")).err())
            .as("%s", second)
            .contains("the agent has not begun")
            .containsPattern(OLDEST);
      });
      second.signal("TERM");
      assertThat(second.await(60)).as("%s", second).isZero();
    }
    try (Jubelet third = node.start()) {
      await().atMost(SOON).until(() -> Healthz.get().status() == 500);
      engine.resume();
      engine.awaitPods(13, third);
      assertThat(engine.started()).as("%s", third).containsAllEntriesOf(before);
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(node.leases()).as("%s", third).hasSize(13));
    }
  }
}
