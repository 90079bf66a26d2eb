package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The host rebooted under the agent: on an engine of this test's own, everything that lives in
/// memory is gone, and what lies on disk is as it was.
class RebootTest {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String BRIDGE = "rbt0";

  private final Path dir = Engine.work().resolve("reboot");
  private final Path socket = dir.resolve("docker.sock");
  private final List<Background> engines = new ArrayList<>();

  private static String manifest(String name) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s}
    spec:
      terminationGracePeriodSeconds: 0
      volumes:
        - {name: disk, emptyDir: {}}
        - {name: memory, emptyDir: {medium: Memory}}
      containers:
        - name: main
          image: jubelet/busybox:1
          command: [/bin/sh, -c, "echo started >> /disk/log; echo started >> /memory/log; exec httpd -f -p 80 -h /disk"]
          volumeMounts: [{name: disk, mountPath: /disk}, {name: memory, mountPath: /memory}]
    """.formatted(name);
  }

  private void startEngine() throws Exception {
    Ran.run("ip", "link", "add", BRIDGE, "type", "bridge").ok();
    Ran.run("ip", "addr", "add", "172.28.0.1/16", "dev", BRIDGE).ok();
    engines.add(Background.start(
        "dockerd-reboot",
        Map.of(),
        List.of(
            "dockerd",
            "--data-root=" + dir.resolve("data"),
            "--exec-root=" + dir.resolve("exec"),
            "--host=unix://" + socket,
            "--pidfile=" + dir.resolve("dockerd.pid"),
            "--bridge=" + BRIDGE,
            "--iptables=false")));
    await().atMost(SOON).until(() -> docker("version").exitCode() == 0);
  }

  private Ran docker(String... args) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("docker", "-H", "unix://" + socket));
    words.addAll(List.of(args));
    return Ran.run(words.toArray(String[]::new));
  }

  /// Full ids of running containers of that container name, in any pod.
  private List<String> running(String container) throws IOException, InterruptedException {
    return docker(
            "ps", "-q", "--no-trunc", "--filter", "label=io.kubernetes.container.name=" + container)
        .ok()
        .out()
        .lines()
        .toList();
  }

  private String running(String pod, String container) throws IOException, InterruptedException {
    return docker(
            "ps",
            "-q",
            "--no-trunc",
            "--filter",
            "label=io.kubernetes.pod.name=" + pod,
            "--filter",
            "label=io.kubernetes.container.name=" + container)
        .ok()
        .out()
        .strip();
  }

  private String in(String pod, String... command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("exec", running(pod, "main")));
    words.addAll(List.of(command));
    return docker(words.toArray(String[]::new)).out();
  }

  @Test
  void podsComeBackAndNothingStaleStays() throws Exception {
    startEngine();
    Ran.run(
            Engine.top().resolve("bin/make-busybox").toString(),
            "unix://" + socket,
            "jubelet/busybox:1")
        .ok();
    Node node = new Node("reboot").with("--docker-endpoint=unix://" + socket);
    for (String name : List.of("one", "two", "gone")) {
      node.put(name, manifest(name));
    }
    String one = node.podName("one");
    try (Jubelet agent = node.start()) {
      await().atMost(SOON).untilAsserted(() -> {
        assertThat(running("main")).as("%s", agent).hasSize(3);
        assertThat(in(one, "cat", "/memory/log")).isEqualTo("started\n");
      });
      agent.kill9();
    }
    Set<String> stale = node.leases().keySet();
    assertThat(stale).hasSize(3);
    reboot(node);
    assertThat(node.leases().keySet()).as("they lie on disk").isEqualTo(stale);
    node.remove("gone");
    startEngine();
    assertThat(running("main")).isEmpty();

    try (Jubelet agent = node.start()) {
      await().atMost(SOON).untilAsserted(() -> {
        assertThat(running("main")).as("%s", agent).hasSize(2);
        assertThat(running("POD")).hasSize(2);
        assertThat(node.leases())
            .as("leases of running sandboxes only; %s\n%s", agent, stale)
            .hasSize(2);
        assertThat(docker(
                    "ps", "-aq", "--filter", "label=io.kubernetes.pod.name=" + node.podName("gone"))
                .ok()
                .out())
            .isEmpty();
      });
      await().atMost(SOON).untilAsserted(() -> {
        assertThat(in(one, "cat", "/disk/log")).as("%s", agent).isEqualTo("started\nstarted\n");
        assertThat(in(one, "cat", "/memory/log")).isEqualTo("started\n");
      });
      assertThat(docker(
                  "inspect",
                  "-f",
                  "{{index .Config.Labels \"annotation.io.kubernetes.container.restartCount\"}}",
                  running(one, "main"))
              .ok()
              .out()
              .strip())
          .isEqualTo("1");
      String ip = Node.crictl("inspectp", running(node.podName("two"), "POD"))
          .replaceAll("(?s).*?\"ip\": \"([0-9.]+)\".*", "$1");
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(in(one, "wget", "-qO-", "http://" + ip + "/log"))
              .isEqualTo("started\nstarted\n"));

      node.remove("one");
      node.remove("two");
      await().atMost(SOON).untilAsserted(() -> {
        assertThat(docker("ps", "-aq").ok().out()).as("%s", agent).isEmpty();
        assertThat(node.leases()).isEmpty();
        assertThat(list(node.root().resolve("pods"))).isEmpty();
        assertThat(list(node.dir().resolve("dockershim/sandbox")))
            .as("checkpoints")
            .isEmpty();
      });
    }
  }

  /// What a power cut takes: every process of the engine, mounts, links, rules and `/run`.
  private void reboot(Node node) throws Exception {
    killEngine();
    for (Path top : List.of(dir, node.root())) {
      unmountBelow(top);
    }
    removeTree(dir.resolve("exec"));
    Files.deleteIfExists(dir.resolve("dockerd.pid"));
    Files.deleteIfExists(socket);
    Files.deleteIfExists(Path.of("/var/run/dockershim.sock"));
    for (Path file : list(Path.of("/run/jubelet"))) {
      removeTree(file);
    }
    String bridge = Files.readString(node.dir().resolve("net.d/10-test.conflist"))
        .replaceAll("(?s).*\"bridge\":\"(\\w+)\".*", "$1");
    Ran.run("ip", "link", "del", bridge).ok();
    Ran.run("sh", "-c", "iptables-save | grep -v CNI | iptables-restore").ok();
  }

  /// dockerd, its containerd, its shims and their containers.
  private void killEngine() throws IOException, InterruptedException {
    List<ProcessHandle> ours = ProcessHandle.allProcesses()
        .filter(process -> commandLine(process).contains(dir.resolve("exec").toString()))
        .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
        .distinct()
        .toList();
    ours.forEach(ProcessHandle::destroyForcibly);
    await().atMost(SOON).until(() -> ours.stream().noneMatch(RebootTest::runs));
    for (Background engine : engines) {
      engine.close();
    }
    engines.clear();
    Ran.run("ip", "link", "del", BRIDGE).ok();
  }

  private static boolean runs(ProcessHandle process) {
    return process.isAlive() && !commandLine(process).isEmpty();
  }

  /// Empty of one that is gone or a zombie.
  private static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
    } catch (IOException e) {
      return "";
    }
  }

  private static void unmountBelow(Path top) throws IOException, InterruptedException {
    List<String> points = Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .map(line -> line.split(" ")[4])
        .filter(point -> point.startsWith(top + "/"))
        .sorted(Comparator.reverseOrder())
        .toList();
    for (String point : points) {
      Ran.run("umount", "-l", point).ok();
    }
  }

  private static List<Path> list(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  private static void removeTree(Path top) throws IOException {
    if (Files.exists(top)) {
      try (Stream<Path> files = Files.walk(top)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @AfterEach
  void end() throws Exception {
    if (!engines.isEmpty()) {
      killEngine();
      unmountBelow(dir);
    }
  }
}
