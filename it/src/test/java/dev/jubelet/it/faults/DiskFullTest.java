package dev.jubelet.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.it.Background;
import dev.jubelet.it.Docker;
import dev.jubelet.it.Engine;
import dev.jubelet.it.Jubelet;
import dev.jubelet.it.Node;
import dev.jubelet.it.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Full disks: the agent's, the shim's, and the engine's.
class DiskFullTest {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String BRIDGE = "dsk0";
  private static final List<String> BURST =
      IntStream.range(0, 5).mapToObj(k -> "b" + k).toList();

  private static String manifest(String name) {
    return """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s}
        spec:
          terminationGracePeriodSeconds: 0
          volumes: [{name: e, emptyDir: {}}]
          containers:
            - name: main
              image: jubelet/busybox:1
              command: [/bin/sleep, "100000"]
              volumeMounts: [{name: e, mountPath: /e}]
        """.formatted(name);
  }

  private static void putAll(Node node) throws IOException {
    for (String name : BURST) {
      node.put(name, manifest(name));
    }
  }

  /// Pods of the burst wait, and say for what.
  private static void wait(Node node, Jubelet agent, String path) {
    for (String name : List.of(BURST.getFirst(), BURST.getLast())) {
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> assertThat(Jubelet.run("why", node.podName(name)).ok().out())
                  .as("%s", agent)
                  .containsIgnoringCase("no space left on device")
                  .contains(path));
    }
  }

  @Test
  void theAgentsAndTheShimsDisks() throws Exception {
    Node node = new Node("full");
    Path shim = node.dir().resolve("dockershim");
    try (SmallDisk ofAgent = new SmallDisk(node.root(), "1m");
        SmallDisk ofShim = new SmallDisk(shim, "1m")) {
      try (Jubelet agent = node.start()) {
        node.put("first", manifest("first"));
        String first = awaitRunning(node, "first", agent);
        ofShim.fill();
        putAll(node);
        wait(node, agent, shim.resolve("sandbox").toString());
        assertThat(node.leases()).as("of pods that do not run; %s", agent).hasSize(1);
        ofAgent.fill();
        ofShim.free();
        wait(node, agent, node.root().toString());
        ofShim.fill();
        agent.kill9();
        try (Jubelet again = node.start()) {
          wait(node, again, node.root().toString());
          assertThat(awaitRunning(node, "first", again)).as("%s", again).isEqualTo(first);
          ofAgent.free();
          ofShim.free();
          for (String name : BURST) {
            awaitRunning(node, name, again);
          }
          assertThat(awaitRunning(node, "first", again)).isEqualTo(first);
          assertThat(node.leases()).hasSize(1 + BURST.size());
          checkpointsAreWhole(shim, again);
          removeAll(node, again);
        }
      }
    }
  }

  private static String awaitRunning(Node node, String pod, Jubelet agent) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(Docker.running(node.podName(pod), "main"))
            .as("%s: %s", pod, agent)
            .hasSize(1));
    try {
      return Docker.running(node.podName(pod), "main").getFirst();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void checkpointsAreWhole(Path shim, Jubelet agent) throws IOException {
    List<Path> files = list(shim.resolve("sandbox"));
    assertThat(files)
        .as("%s", agent)
        .hasSize(1 + BURST.size())
        .allSatisfy(
            file -> assertThat(file).content().startsWith("{\"version\":\"v1\"").endsWith("}"));
    assertThat(agent.err()).doesNotContain("set aside");
  }

  private static void removeAll(Node node, Jubelet agent) throws IOException {
    node.remove("first");
    for (String name : BURST) {
      node.remove(name);
    }
    await().atMost(SOON).untilAsserted(() -> {
      assertThat(list(node.root().resolve("pods"))).as("%s", agent).isEmpty();
      assertThat(node.leases()).as("%s", agent).isEmpty();
      assertThat(list(node.dir().resolve("dockershim/sandbox"))).as("%s", agent).isEmpty();
    });
    for (String name : BURST) {
      await().atMost(SOON).until(() -> Docker.ofPod(node.podName(name)).isEmpty());
    }
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  @Test
  void theEnginesDisk() throws Exception {
    Path dir = Files.createDirectories(Engine.work().resolve("full-engine"));
    Path socket = dir.resolve("docker.sock");
    try (SmallDisk disk = new SmallDisk(dir.resolve("data"), "64m");
        Background engine = engine(dir, socket)) {
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(docker(socket, "version").exitCode()).as("%s", engine).isZero());
      Ran.run(
              Engine.top().resolve("bin/make-busybox").toString(),
              "unix://" + socket,
              "jubelet/busybox:1")
          .ok();
      Node node = new Node("fullengine").with("--docker-endpoint=unix://" + socket);
      try (Jubelet agent = node.start()) {
        node.put("first", manifest("first"));
        await()
            .atMost(SOON)
            .untilAsserted(() -> assertThat(running(socket)).as("%s", agent).hasSize(1));
        List<String> first = running(socket);
        disk.fill();
        putAll(node);
        wait(node, agent, dir.resolve("data").toString());
        assertThat(running(socket)).isEqualTo(first);
        disk.free();
        await()
            .atMost(SOON)
            .untilAsserted(() -> assertThat(running(socket))
                .as("%s", agent)
                .hasSize(1 + BURST.size())
                .containsAll(first));
        node.remove("first");
        for (String name : BURST) {
          node.remove(name);
        }
        await()
            .atMost(SOON)
            .untilAsserted(() -> assertThat(docker(socket, "ps", "-aq").ok().out())
                .as("%s", agent)
                .isEmpty());
      }
    } finally {
      Ran.run("ip", "link", "del", BRIDGE);
    }
  }

  private static Background engine(Path dir, Path socket) throws Exception {
    Ran.run("ip", "link", "add", BRIDGE, "type", "bridge").ok();
    Ran.run("ip", "addr", "add", "172.26.0.1/16", "dev", BRIDGE).ok();
    return Background.start(
        "dockerd-full",
        Map.of(),
        List.of(
            Engine.dockerd().toString(),
            "--data-root=" + dir.resolve("data"),
            "--exec-root=" + dir.resolve("exec"),
            "--host=unix://" + socket,
            "--pidfile=" + dir.resolve("dockerd.pid"),
            "--bridge=" + BRIDGE,
            "--iptables=false"));
  }

  private static Ran docker(Path socket, String... args) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("docker", "-H", "unix://" + socket));
    words.addAll(List.of(args));
    return Ran.run(words.toArray(String[]::new));
  }

  private static List<String> running(Path socket) throws IOException, InterruptedException {
    String[] main = {"ps", "-q", "--no-trunc", "--filter", "label=io.kubernetes.container.name=main"
    };
    return docker(socket, main).ok().out().lines().sorted().toList();
  }
}
