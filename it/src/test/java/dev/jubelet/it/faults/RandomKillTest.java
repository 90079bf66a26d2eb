package dev.jubelet.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.it.Docker;
import dev.jubelet.it.Jubelet;
import dev.jubelet.it.Node;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// 50 × kill -9 at random moments while 30 pods come and go; then every pod that is wanted
/// runs once and nothing is left of the others.
class RandomKillTest {
  private static final int KILLS = 50;
  private static final int PODS = 30;
  private static final int LONGEST_LIFE_MILLIS = 3_000;
  private static final Duration SOON = Duration.ofMinutes(3);

  private final Node node;
  private final World world;
  private final TreeSet<String> wanted = new TreeSet<>();

  RandomKillTest() throws Exception {
    node = new Node("randomkill");
    world = new World(node, "main");
  }

  private static String manifest(int number) {
    return """
        apiVersion: v1
        kind: Pod
        metadata: {name: p%1$d}
        spec:
          terminationGracePeriodSeconds: 0
          volumes: [{name: data, emptyDir: {medium: Memory}}]
          containers:
            - name: main
              image: jubelet/busybox:1
              command: [/bin/sh, -c, "trap 'exit 0' TERM; echo main >> /data/order; echo up; sleep 100000 & wait"]
              ports: [{containerPort: 80, hostPort: %2$d}]
              volumeMounts: [{name: data, mountPath: /data}]
        """.formatted(number, 32000 + number);
  }

  @Test
  void fiftyKillsWhileThirtyPodsComeAndGo() throws Exception {
    long seed = Long.getLong("jubelet.seed", System.nanoTime());
    System.out.println("RandomKillTest: -Djubelet.seed=" + seed);
    Random random = new Random(seed);
    String plain =
        Docker.docker("run", "-d", "--network", "none", "jubelet/busybox:1", "sleep", "100000");
    String since = Docker.inspect(plain, "{{.State.StartedAt}}");
    List<String> rules = World.rules();
    try (RunningOnce once = new RunningOnce()) {
      for (int k = 0; k < KILLS; k++) {
        live(random);
      }
      try (Jubelet agent = node.start()) {
        converged(agent, seed);
        for (String pod : List.copyOf(wanted)) {
          change(pod);
        }
        converged(agent, seed);
      }
      once.check();
    }
    assertThat(Docker.inspect(plain, "{{.State.Running}} {{.State.StartedAt}}"))
        .isEqualTo("true " + since);
    Docker.docker("rm", "-f", plain);
    assertThat(World.rules().stream()
            .filter(rule -> rule.matches(".*(10\\.88\\.|JUBELET-FWD|dnat name).*")))
        .as("before: %s", rules)
        .noneMatch(rule -> !rules.contains(rule));
  }

  /// One life of the agent: pods come and go, then it is killed.
  private void live(Random random) throws Exception {
    long end =
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(LONGEST_LIFE_MILLIS));
    try (Jubelet agent = node.start()) {
      for (int changes = random.nextInt(6); changes > 0; changes--) {
        change("p" + random.nextInt(PODS));
        Thread.sleep(random.nextInt(200));
      }
      while (System.nanoTime() < end) {
        Thread.sleep(5);
      }
      agent.kill9();
    }
  }

  /// A pod that is wanted goes, one that is not comes.
  private void change(String pod) throws Exception {
    if (wanted.remove(pod)) {
      node.remove(pod);
    } else {
      wanted.add(pod);
      node.put(pod, manifest(Integer.parseInt(pod.substring(1))));
    }
  }

  private void converged(Jubelet agent, long seed) {
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(() ->
            assertThat(world.problems(wanted)).as("seed %d, %s", seed, agent).isEmpty());
  }
}
