package dev.jubelet.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.it.Jubelet;
import dev.jubelet.it.Node;
import dev.jubelet.it.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A person at the engine: pods are removed, stopped, paused and disconnected by hand, everything
/// is pruned, and images imitate ours. The pods converge as a kubelet's, nothing foreign is
/// touched, no imitation is believed.
class ByHandTest {
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final List<String> ALWAYS = List.of(
      "calm", "rmmain", "rmpod", "stopmain", "stoppod", "pausemain", "pausepod", "netns", "cutoff");

  @Test
  void podsConvergeAndNothingForeignIsTouched() throws Exception {
    Node node = new Node("byhand");
    try (OwnEngine engine = new OwnEngine("byhand", 5)) {
      node.with("--docker-endpoint=unix://" + engine.socket());
      for (String name : ALWAYS) {
        node.put(name, Pods.sleeper(name));
      }
      node.put("done", Pods.of("done", """
          restartPolicy: Never
          containers: [{name: main, image: "%s", command: [/bin/true]}]
          """.formatted(OwnEngine.IMAGE)));
      try (Jubelet agent = node.start()) {
        for (String name : ALWAYS) {
          awaitRunning(engine, node, agent, name);
        }
        awaitPhase(node, agent, "done", "Succeeded");
        Map<String, String> foreign = imitate(engine, node);
        Map<String, String> before = engine.started();
        byHand(engine, node);
        for (String name : List.of("rmmain", "rmpod", "stopmain", "stoppod")) {
          awaitOther(engine, node, agent, name, before);
        }
        engine.docker("system", "prune", "-af", "--volumes");
        node.put("after", Pods.sleeper("after"));
        node.put("wears", Pods.sleeper("wears").replace(OwnEngine.IMAGE, "imitation:1"));
        awaitRunning(engine, node, agent, "after");
        awaitRunning(engine, node, agent, "wears");
        String wears = engine.running(node.podName("wears"), "main").getFirst();
        assertThat(Node.crictl("inspect", wears))
            .contains("\"io.kubernetes.pod.name\": \"" + node.podName("wears") + "\"")
            .doesNotContain("preStopHandler")
            .doesNotContain("forged");
        Map<String, String> now = engine.started();
        for (String name : List.of("calm", "pausemain", "pausepod", "netns", "cutoff")) {
          assertThat(of(now, node, name))
              .as("%s %s", name, agent)
              .isEqualTo(of(before, node, name));
        }
        awaitPhase(node, agent, "done", "Succeeded");
        assertThat(engine.running(node.podName("done"), "main")).isEmpty();
        assertThat(now).as("%s", agent).containsAllEntriesOf(foreign);
        assertThat(Node.crictl("ps", "-a")).doesNotContain("imitation:1  ");
      }
      // Another start looks at everything anew.
      try (Jubelet again = node.start()) {
        awaitPhase(node, again, "calm", "Running");
        for (String name : ALWAYS) {
          node.remove(name);
        }
        for (String name : List.of("done", "after", "wears")) {
          node.remove(name);
        }
        await().atMost(SOON).untilAsserted(() -> {
          assertThat(Pods.directories(node)).as("%s", again).isEmpty();
          assertThat(node.leases()).as("%s", again).isEmpty();
        });
        assertThat(engine.started().keySet()).as("%s", again).hasSize(5);
      }
    }
  }

  private static void byHand(OwnEngine engine, Node node) throws Exception {
    engine.docker("rm", "-f", main(engine, node, "rmmain"));
    engine.docker("rm", "-f", sandbox(engine, node, "rmpod"));
    engine.docker("stop", main(engine, node, "stopmain"));
    engine.docker("stop", sandbox(engine, node, "stoppod"));
    engine.docker("pause", main(engine, node, "pausemain"));
    engine.docker("pause", sandbox(engine, node, "pausepod"));
    engine.docker("network", "disconnect", "none", sandbox(engine, node, "cutoff"));
    Path netns =
        Path.of(engine.inspect(sandbox(engine, node, "netns"), "{{.NetworkSettings.SandboxKey}}"));
    Ran.run("umount", netns.toString()).ok();
    Files.delete(netns);
  }

  private static String main(OwnEngine engine, Node node, String pod) throws Exception {
    return engine.running(node.podName(pod), "main").getFirst();
  }

  private static String sandbox(OwnEngine engine, Node node, String pod) throws Exception {
    return engine.running(node.podName(pod), "POD").getFirst();
  }

  /// Containers that are not ours: a plain one, and those whose images carry our labels. Given as
  /// [OwnEngine#started()] does.
  private static Map<String, String> imitate(OwnEngine engine, Node node) throws Exception {
    String calm = main(engine, node, "calm");
    String uid = engine.inspect(calm, "{{index .Config.Labels \"io.kubernetes.pod.uid\"}}");
    String owner = engine.inspect(calm, "{{index .Config.Labels \"dev.jubelet.owner\"}}");
    String pod = node.podName("calm");
    Map<String, String> before = engine.started();
    engine.docker("run", "-d", "--name", "plain", OwnEngine.IMAGE, "sleep", "100000");
    List<String> commit = new ArrayList<>(List.of("commit"));
    Map.of(
            "io.kubernetes.docker.type", "container",
            "io.kubernetes.sandbox.id", sandbox(engine, node, "calm"),
            "io.kubernetes.container.name", "main",
            "io.kubernetes.pod.name", pod,
            "io.kubernetes.pod.namespace", "default",
            "io.kubernetes.pod.uid", uid,
            "dev.jubelet.owner", owner,
            "dev.jubelet.keys", "forged",
            "forged", "yes",
            "annotation.io.kubernetes.container.preStopHandler", "{}")
        .forEach((key, value) -> commit.addAll(List.of("-c", "LABEL " + key + "=" + value)));
    commit.addAll(List.of("plain", "imitation:1"));
    engine.docker(commit.toArray(String[]::new));
    engine.docker("commit", calm, "committed:1");
    String named = "k8s_main_" + pod + "_default_" + uid + "_";
    for (List<String> run : List.of(
        List.of("imitation:1", "any-name"),
        List.of("imitation:1", named + "7"),
        List.of("committed:1", "of-calm"),
        List.of("committed:1", named + "8"))) {
      engine.docker("run", "-d", "--name", run.get(1), run.get(0), "sleep", "100000");
    }
    Map<String, String> foreign = engine.started();
    before.keySet().forEach(foreign::remove);
    assertThat(foreign).hasSize(5);
    return foreign;
  }

  private static Map<String, String> of(Map<String, String> started, Node node, String pod) {
    Map<String, String> own = new java.util.TreeMap<>(started);
    own.keySet()
        .removeIf(name -> !name.contains("_" + node.podName(pod) + "_")
            || name.endsWith("_7")
            || name.endsWith("_8"));
    return own;
  }

  private static void awaitRunning(OwnEngine engine, Node node, Jubelet agent, String pod) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(engine.running(node.podName(pod), "main"))
            .as("%s", agent)
            .hasSize(1));
  }

  /// One sandbox and one container, and the container is another one than before.
  private static void awaitOther(
      OwnEngine engine, Node node, Jubelet agent, String pod, Map<String, String> before) {
    await().atMost(SOON).untilAsserted(() -> {
      Map<String, String> now = of(engine.started(), node, pod);
      assertThat(now).as("%s %s", pod, agent).hasSize(2);
      assertThat(engine.running(node.podName(pod), "POD")).hasSize(1);
      assertThat(before.values()).doesNotContain(now.get(nameOfMain(now)));
    });
  }

  private static String nameOfMain(Map<String, String> pod) {
    return pod.keySet().stream()
        .filter(name -> name.startsWith("/k8s_main_"))
        .findFirst()
        .orElse("");
  }

  private static void awaitPhase(Node node, Jubelet agent, String pod, String phase) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(Jubelet.run("ps").ok().out().lines())
            .as("%s", agent)
            .anyMatch(line -> line.contains(node.podName(pod)) && line.contains(phase)));
  }

  /// On the engine's own network the pod loses its address; as a kubelet, ours sees that when it
  /// next looks at the pod.
  @Test
  void aDisconnectedPodGetsANetworkAgain() throws Exception {
    Node node = new Node("bridged").with("--network-plugin=docker");
    try (OwnEngine engine = new OwnEngine("bridged", 6)) {
      node.with("--docker-endpoint=unix://" + engine.socket());
      node.put("cutoff", Pods.sleeper("cutoff"));
      try (Jubelet agent = node.start()) {
        awaitRunning(engine, node, agent, "cutoff");
        String sandbox = sandbox(engine, node, "cutoff");
        String main = main(engine, node, "cutoff");
        engine.docker("network", "disconnect", "bridge", sandbox);
        // The agent may have looked, and killed it, before us.
        engine.attempt("kill", main);
        await().atMost(SOON).untilAsserted(() -> {
          assertThat(engine.running(node.podName("cutoff"), "POD"))
              .as("%s", agent)
              .hasSize(1)
              .doesNotContain(sandbox);
          assertThat(engine.running(node.podName("cutoff"), "main")).hasSize(1);
        });
        assertThat(
                engine.inspect(sandbox(engine, node, "cutoff"), "{{.NetworkSettings.IPAddress}}"))
            .startsWith("172.27.6.");
      }
    }
  }
}
