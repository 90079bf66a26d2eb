package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `jubelet node` with its embedded shim, real Docker and the real CNI bridge.
class NodeTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private static final String FAMILY = """
      apiVersion: v1
      kind: Pod
      metadata:
        name: family
      spec:
        restartPolicy: OnFailure
        terminationGracePeriodSeconds: 2
        volumes:
          - name: shared
            emptyDir: {}
        initContainers:
          - name: first
            image: jubelet/busybox:1
            command: [/bin/sh, -c, "echo first >> /shared/order"]
            volumeMounts: [{name: shared, mountPath: /shared}]
          - name: second
            image: jubelet/busybox:1
            command: [/bin/sh, -c, "echo second >> /shared/order"]
            volumeMounts: [{name: shared, mountPath: /shared}]
          - name: sidecar
            image: jubelet/busybox:1
            restartPolicy: Always
            command: [/bin/sh, -c, "echo sidecar >> /shared/order; cd /shared; exec httpd -f -p 8080"]
            volumeMounts: [{name: shared, mountPath: /shared}]
        containers:
          - name: crasher
            image: jubelet/busybox:1
            command: [/bin/sh, -c, "echo crasher >> /shared/order; sleep 1; exit 3"]
            volumeMounts: [{name: shared, mountPath: /shared}]
          - name: once
            image: jubelet/busybox:1
            command: [/bin/sh, -c, "echo once >> /shared/once; exit 0"]
            volumeMounts: [{name: shared, mountPath: /shared}]
      """;

  private static String sleeper(String name, String image) {
    return """
    apiVersion: v1
    kind: Pod
    metadata:
      name: %s
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: main
          image: %s
          command: [/bin/sh, -c, "while true; do echo tick; sleep 1; done"]
    """.formatted(name, image);
  }

  @Test
  void startsInOrderIsReachedRestartsAndLeavesNothing() throws Exception {
    Node node = new Node("one");
    try (Jubelet agent = node.start()) {
      node.put("family", FAMILY);
      node.put("client", sleeper("client", "jubelet/busybox:1"));
      String family = node.podName("family");
      await().atMost(SOON).untilAsserted(() -> {
        assertThat(Docker.running(family, "sidecar")).as("%s", agent).hasSize(1);
        assertThat(Docker.running(node.podName("client"), "main")).hasSize(1);
      });
      assertThat(agent.err())
          .contains("Setting cgroupDriver to")
          .contains("Starting the GRPC server for the docker CRI shim")
          .contains("Start dockershim grpc server");
      assertThat(Node.crictl("version")).contains("docker");
      String sandbox = Node.crictl("pods", "-q", "--name", family).strip();
      String inspected = Node.crictl("inspectp", sandbox);
      String ip = inspected.replaceAll("(?s).*?\"ip\": \"([0-9.]+)\".*", "$1");
      assertThat(ip).startsWith("10.88.");

      // Another pod reaches it, and the order was right.
      String client = Docker.running(node.podName("client"), "main").getFirst();
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(
                  Docker.docker("exec", client, "wget", "-qO-", "http://" + ip + ":8080/order")
                      .lines())
              .startsWith("first", "second", "sidecar", "crasher"));

      // The crashing one comes again (with back-off), the one that ended well does not.
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(
                  Docker.docker("exec", client, "wget", "-qO-", "http://" + ip + ":8080/order")
                      .lines()
                      .filter("crasher"::equals))
              .hasSizeGreaterThanOrEqualTo(2));
      assertThat(Docker.docker("exec", client, "wget", "-qO-", "http://" + ip + ":8080/once")
              .lines())
          .containsExactly("once");
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(Jubelet.run("why", family).ok().out()).containsIgnoringCase("back-off"));

      // Gone without a trace.
      node.remove("family");
      node.remove("client");
      await().atMost(SOON).untilAsserted(() -> {
        assertThat(Docker.ofPod(family)).as("containers; %s", agent).isEmpty();
        assertThat(node.leases()).as("IP leases").isEmpty();
        assertThat(podDirs(node)).as("pod directories").isEmpty();
        assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
            .doesNotContain(node.root().resolve("pods").toString());
      });
      assertThat(Ran.run("iptables-save").ok().out()).doesNotContain(ip);
    }
  }

  @Test
  void aKilledAgentAdoptsItsPodsAndCarriesOutWhatChangedMeanwhile() throws Exception {
    Node node = new Node("two");
    try (Jubelet agent = node.start()) {
      for (int k = 0; k < 20; k++) {
        node.put("p" + k, sleeper("p" + k, "jubelet/busybox:1"));
      }
      for (int k = 0; k < 20; k++) {
        String pod = node.podName("p" + k);
        await().atMost(SOON).until(() -> Docker.running(pod, "main").size() == 1);
      }
      String kept = Docker.running(node.podName("p0"), "main").getFirst();
      String log =
          Docker.inspect(kept, "{{index .Config.Labels \"io.kubernetes.container.logpath\"}}");
      List<String> before = allRunning(node, 20);
      agent.kill9();
      node.put("p19", sleeper("p19", "busybox:test"));
      node.remove("p18");
      try (Jubelet again = node.start()) {
        await().atMost(SOON).untilAsserted(() -> {
          List<String> image = Docker.running(node.podName("p19"), "main");
          assertThat(image).as("%s", again).hasSize(1);
          assertThat(Docker.inspect(image.getFirst(), "{{.Image}}"))
              .isEqualTo(Docker.inspect("busybox:test", "{{.Id}}"));
          assertThat(Docker.ofPod(node.podName("p18"))).isEmpty();
        });
        assertThat(allRunning(node, 18)).isEqualTo(before.subList(0, 18));
        long size = Files.size(Path.of(log));
        await().atMost(SOON).until(() -> Files.size(Path.of(log)) > size);
        assertThat(Files.readAllLines(Path.of(log)))
            .allMatch(line -> line.matches("\\S+ stdout F tick"));

        // A sandbox removed by hand comes back.
        String sandbox = Docker.running(node.podName("p1"), "POD").getFirst();
        Docker.docker("rm", "-f", sandbox);
        await().atMost(SOON).untilAsserted(() -> {
          assertThat(Docker.running(node.podName("p1"), "POD"))
              .as("%s", again)
              .hasSize(1)
              .doesNotContain(sandbox);
          assertThat(Docker.running(node.podName("p1"), "main")).hasSize(1);
        });
        for (int k = 0; k < 20; k++) {
          node.remove("p" + k);
        }
        await().atMost(SOON).untilAsserted(() -> {
          assertThat(podDirs(node)).as("%s", again).isEmpty();
          assertThat(node.leases()).as("%s", again).isEmpty();
        });
      }
    }
  }

  @Test
  void badManifestsAreNamedAndLeaveTheOthersAlone() throws Exception {
    Node node = new Node("three");
    String bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
    for (char c = 'b'; c < 'm'; c++) {
      bomb += "%c: &%c [".formatted(c, c) + "*%c, ".formatted(c - 1).repeat(9) + "]\n";
    }
    node.put("malformed", "kind: Pod\n  apiVersion: [v1");
    node.put("bomb", bomb);
    node.put("unknown", sleeper("unknown", "jubelet/busybox:1").replace("image:", "imaeg:"));
    node.put("notbuilt", sleeper("notbuilt", "jubelet/busybox:1") + "  hostUsers: false\n");
    node.put("huge", "#".repeat(11 << 20));
    node.put("good", sleeper("good", "jubelet/busybox:1"));
    node.put("good2", sleeper("good", "busybox:test"));
    try (Jubelet agent = node.start()) {
      String good = node.podName("good");
      await().atMost(SOON).until(() -> Docker.running(good, "main").size() == 1);
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(agent.err())
              .contains("malformed.yaml")
              .contains("bomb.yaml")
              .contains("imaeg")
              .contains("hostUsers")
              .contains("huge.yaml")
              .contains("good2.yaml"));
      assertThat(Docker.running(good, "main")).hasSize(1);
      node.remove("good");
      node.remove("good2");
      await().atMost(SOON).untilAsserted(() -> assertThat(Docker.ofPod(good)).isEmpty());
    }
  }

  private static List<String> allRunning(Node node, int pods) throws Exception {
    List<String> ids = new java.util.ArrayList<>();
    for (int k = 0; k < pods; k++) {
      ids.addAll(Docker.running(node.podName("p" + k), "main"));
    }
    return ids;
  }

  private static List<String> podDirs(Node node) throws Exception {
    try (Stream<Path> dirs = Files.list(node.root().resolve("pods"))) {
      return dirs.map(Path::toString).toList();
    }
  }
}
