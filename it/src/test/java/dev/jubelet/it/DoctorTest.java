package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `jubelet doctor` on a real node: what is left behind on purpose is named, and nothing else.
class DoctorTest {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String GONE = "dead".repeat(16);
  private static final List<String> NAMES = List.of("p1", "p2", "p3");

  private final Node node;

  DoctorTest() throws Exception {
    node = new Node("doctor");
  }

  private static String manifest(String name) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s}
    spec:
      terminationGracePeriodSeconds: 0
      volumes: [{name: memory, emptyDir: {medium: Memory}}]
      containers:
        - name: main
          image: jubelet/busybox:1
          command: [/bin/sh, -c, "while true; do echo tick; sleep 1; done"]
          ports: [{containerPort: 80, hostPort: 18%s80}]
          volumeMounts: [{name: memory, mountPath: /memory}]
    """.formatted(name, name.substring(1));
  }

  @Test
  void everyKindOfLeakIsNamedAndItsCommandOrTheAgentRemovesIt() throws Exception {
    List<String> foreign = foreigners();
    Path netns = Files.createFile(node.dir().resolve("netns"));
    try {
      try (Jubelet agent = node.start()) {
        for (String name : NAMES) {
          node.put(name, manifest(name));
        }
        assertThat(node.doctor().out()).as("while they come").doesNotContain("LEAK", "MISSING");
        awaitClean(agent, 3);
        // What is removed by hand under a live agent leaves nothing either.
        String removed = container("p1", "main");
        Docker.docker("rm", "-f", removed);
        await().atMost(SOON).until(() -> !running("p1", "main").contains(removed));
        awaitClean(agent, 3);
        agent.kill9();
      }
      assertThat(node.doctor().ok().out())
          .as("a dead agent's pods are no leaks")
          .contains("nothing leaks: 3 pods run");

      List<String> made = leaks(netns);
      List<String> found = lines(findings());
      assertThat(found).containsAll(foreign);
      assertThat(made).allMatch(kind -> found.stream().anyMatch(line -> line.matches(kind)));
      assertThat(found)
          .filteredOn(line -> !line.startsWith("foreign"))
          .allMatch(line -> made.stream().anyMatch(line::matches));

      // What one container kept alive shows when it is gone.
      for (int round = 0; round < 3 && node.doctor().exitCode() != 0; round++) {
        for (JsonNode finding : findings()) {
          Ran.run("sh", "-c", finding.path("fix").stringValue());
        }
      }
      assertThat(node.doctor().ok().out()).contains("nothing leaks: 1 pods run");

      // The other way round, and the agent heals it.
      Files.delete(lease(container("p1", "POD")));
      assertThat(lines(findings())).anyMatch(l -> l.startsWith("missing ip-lease"));
      try (Jubelet agent = node.start()) {
        String replaced = container("p1", "main");
        Docker.docker("rm", "-f", container("p1", "POD"));
        await().atMost(SOON).until(() -> !running("p1", "main").contains(replaced));
        awaitClean(agent, 3);
        agent.kill9();
      }

      // All is lost at once, and nothing is wanted any more.
      for (String name : NAMES) {
        node.remove(name);
        Docker.docker("rm", "-f", container(name, "POD"), container(name, "main"));
      }
      assertThat(node.doctor().exitCode()).isEqualTo(1);
      try (Jubelet agent = node.start()) {
        awaitClean(agent, 0);
      }
    } finally {
      Docker.attempt("rm", "-f", "plain", "k8s_POD_x_default_foreign_0");
      Ran.run("umount", netns.toString());
    }
  }

  /// Somebody else's, as lines of what is to be found.
  private List<String> foreigners() throws Exception {
    String plain = Docker.docker("create", "--name", "plain", "jubelet/busybox:1", "true");
    String other = Docker.docker(
        "create",
        "--name",
        "k8s_POD_x_default_foreign_0",
        "--label",
        "dev.jubelet.owner=99999999-8888-7777-6666-555555555555",
        "--label",
        "io.kubernetes.docker.type=podsandbox",
        "jubelet/busybox:1",
        "true");
    return List.of("foreign container " + plain, "foreign sandbox " + other);
  }

  /// Leaves one of each kind behind, as patterns of what is to be found, and of nothing else.
  private List<String> leaks(Path netns) throws Exception {
    List<String> made = new ArrayList<>();
    String main2 = container("p2", "main");
    String main3 = container("p3", "main");
    String sandbox3 = container("p3", "POD");
    String uid3 = Docker.inspect(sandbox3, "{{index .Config.Labels \"io.kubernetes.pod.uid\"}}");
    Path pod3 = node.root().resolve("pods").resolve(uid3);
    String pid = Docker.inspect(sandbox3, "{{.State.Pid}}");
    Ran.run("mount", "--bind", "/proc/" + pid + "/ns/net", netns.toString()).ok();
    for (String sandbox : List.of(container("p2", "POD"), sandbox3)) {
      made.add(exactly("ip-lease", lease(sandbox)));
      made.add(exactly("checkpoint", shim("sandbox/" + sandbox)));
      made.add("leak cni-result " + node.dir() + "/cni-cache/results/.*" + sandbox + ".*");
      made.add("leak iptables-rule iptables nat -A POSTROUTING .*" + sandbox + ".*");
      made.add("leak iptables-rule iptables nat -A CNI-HOSTPORT-DNAT .*" + sandbox + ".*");
      Docker.docker("rm", "-f", sandbox);
    }
    Docker.docker("rm", "-f", main3);
    made.add("leak network-namespace net:\\[\\d+\\]");
    made.add("leak interface veth\\w+");
    made.add(exactly("container", main2));
    made.add(exactly("log-checkpoint", shim("logs/" + main3 + ".log-checkpoint")));
    made.add(exactly("pod-directory", pod3));
    made.add(exactly("mount", pod3.resolve("volumes/kubernetes.io~empty-dir/memory")));
    made.addAll(strays(lease(container("p1", "POD"))));
    return made;
  }

  /// Leaks of no pod that there ever was.
  private List<String> strays(Path oneLease) throws Exception {
    Path lease = oneLease.resolveSibling("10.88.0.250");
    Files.writeString(lease, GONE + "\r\neth0");
    Path directory = node.root().resolve("pods/ghost");
    Files.createDirectories(directory.resolve("volumes"));
    Path log = Path.of("/var/log/pods/default_" + node.podName("ghost") + "_gone");
    Files.createDirectories(log);
    Path link = Path.of("/var/log/containers/ghost.log");
    Files.createSymbolicLink(link, log.resolve("main/0.log"));
    String chain = Ran.run("iptables", "-S", "FORWARD")
        .ok()
        .out()
        .replaceAll("(?s).*-j (JUBELET-FWD-[0-9a-f]+).*", "$1");
    Ran.run("iptables", "-A", chain, "-i", "nobody", "-j", "ACCEPT").ok();
    return List.of(
        exactly("ip-lease", lease),
        exactly("pod-directory", directory),
        exactly("log-directory", log),
        exactly("log-link", link),
        exactly("checkpoint", Files.createFile(shim("sandbox/" + GONE))),
        exactly("temporary-file", Files.createFile(shim("logs/.x.999999999-1.tmp"))),
        exactly("iptables-rule", "iptables filter -A " + chain + " -i nobody -j ACCEPT"));
  }

  private static String exactly(String kind, Object name) {
    return Pattern.quote("leak " + kind + " " + name);
  }

  @Test
  void whatHurtsIsNamedWithTheFix() throws Exception {
    String policy =
        Ran.run("iptables", "-S", "FORWARD").ok().out().lines().findFirst().orElse("");
    Ran ran;
    try {
      Ran.run("iptables", "-P", "FORWARD", "DROP").ok();
      ran = node.doctor("-o", "text");
    } finally {
      Ran.run("iptables", "-P", "FORWARD", policy.replaceFirst("-P FORWARD ", ""))
          .ok();
    }
    assertThat(ran.out())
        .as("%s", ran)
        .contains("live-restore is off", "fix: \"live-restore\": true")
        .contains("JUBELET-FWD-")
        .doesNotContain("PROBLEM");
    assertThat(ran.exitCode()).isZero();
    Ran lacking = node.doctor("--cni-bin-dir=/nowhere", "-o", "json");
    assertThat(lacking.exitCode()).isEqualTo(1);
    assertThat(lacking.out()).contains("\"problem\"", "failed to find plugin", "/nowhere");
    Ran silent = node.doctor("--docker-endpoint=unix:///nowhere.sock");
    assertThat(silent.exitCode()).isEqualTo(1);
    assertThat(silent.out()).contains("no Docker Engine answers at unix:///nowhere.sock");
  }

  @Test
  void whatCannotBeLookedAtIsNoAnswer() throws Exception {
    Ran never = node.doctor();
    assertThat(never.exitCode()).isEqualTo(2);
    assertThat(never.err()).contains("no shim of ours was ever started in");
    assertThat(Jubelet.run("doctor", "--leaks", "--docker-endpoint=unix:///nowhere")
            .exitCode())
        .isEqualTo(2);
    assertThat(Jubelet.run("doctor", "-o", "yaml").exitCode()).isEqualTo(2);
  }

  private void awaitClean(Jubelet agent, int pods) {
    await().atMost(SOON).untilAsserted(() -> {
      for (String name : pods == 0 ? List.<String>of() : NAMES) {
        assertThat(running(name, "main")).as("%s", agent).hasSize(1);
      }
      Ran ran = node.doctor();
      assertThat(ran.out()).as("%s\n%s", ran, agent).contains("nothing leaks: " + pods + " pods");
      assertThat(ran.exitCode()).isZero();
    });
  }

  private List<JsonNode> findings() throws Exception {
    Ran ran = node.doctor("--leaks", "-o", "json");
    return new JsonMapper().readTree(ran.out()).path("findings").valueStream().toList();
  }

  private static List<String> lines(List<JsonNode> findings) {
    return findings.stream()
        .map(f -> "%s %s %s"
            .formatted(
                f.path("verdict").stringValue(),
                f.path("kind").stringValue(),
                f.path("name").stringValue()))
        .toList();
  }

  private List<String> running(String pod, String container) throws Exception {
    return Docker.running(node.podName(pod), container);
  }

  private String container(String pod, String container) throws Exception {
    return running(pod, container).getFirst();
  }

  private Path shim(String name) {
    return node.dir().resolve("dockershim").resolve(name);
  }

  private Path lease(String sandbox) throws Exception {
    return node.leases().values().stream()
        .filter(file -> Ran.read(file).startsWith(sandbox))
        .findFirst()
        .orElseThrow();
  }
}
