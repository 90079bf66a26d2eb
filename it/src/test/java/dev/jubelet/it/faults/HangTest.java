package dev.jubelet.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.it.Docker;
import dev.jubelet.it.Engine;
import dev.jubelet.it.Jubelet;
import dev.jubelet.it.Node;
import dev.jubelet.it.Ran;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a pod waits for never answers: a file system, a CNI plugin, a registry. Every other pod and
/// call goes on, `why` names what hangs, and nothing of it stays.
class HangTest {
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final String MUTE = "127.0.0.9:5009";
  private static final int SLACK = 3;

  /// To the engine, after many calls at once (DockerApiOptions).
  private static final int KEPT_CONNECTIONS = 16;

  private final Path dir = Engine.work().resolve("hangs");

  @Test
  void onlyThePodsThatNeedItWait() throws Exception {
    Files.createDirectories(dir);
    Path plugins = plugins();
    Node node = new Node("hangs").with("--cni-bin-dir=" + plugins + ",/usr/lib/cni");
    node.put("first", Pods.sleeper("first"));
    try (HungFileSystem hung = new HungFileSystem(dir.resolve("fuse"));
        ServerSocket _ = new ServerSocket(5009, 50, InetAddress.ofLiteral("127.0.0.9"));
        Visits visits = new Visits();
        Jubelet agent = node.start()) {
      awaitRunning(node, agent, "first");
      ProcessLook before = ProcessLook.at(agent.pid());
      putHanging(node, hung);
      assertNamed(node, agent);

      List<String> good = Pods.put(node, "good", 3);
      good.forEach(pod -> awaitRunning(node, agent, pod));
      awaitRunning(node, agent, "holder");
      awaitRunning(node, agent, "fifo");
      assertCallsGoOn(node);
      othersLive(node, agent);
      for (String pod : List.of("checks", "mounts", "links", "stuck", "stall")) {
        assertThat(Docker.running(node.podName(pod), "main")).as("%s", agent).isEmpty();
        node.remove(pod);
      }
      assertGone(node, agent, List.of("checks", "mounts", "links", "stall", "stuck"));
      hung.end();
      for (String pod : List.of("good0", "good1", "good2", "holder", "fifo", "regular")) {
        node.remove(pod);
      }
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> assertThat(Pods.directories(node)).as("%s", agent).hasSize(1));
      assertThat(node.leases()).as("%s", agent).hasSize(1);
      assertAsBefore(agent, before);
      visits.assertNothingLeft();
      node.remove("first");
      assertGone(node, agent, List.of("first"));
    } finally {
      endHolders();
    }
  }

  /// A bridge plugin that hangs for a pod `stuck`, and leaves a child with its output for `holder`.
  private Path plugins() throws IOException {
    Path bin = Files.createDirectories(dir.resolve("bin"));
    Path script = Files.writeString(bin.resolve("bridge"), """
        #!/bin/sh
        case "$CNI_COMMAND $CNI_ARGS" in
          ADD*K8S_POD_NAME=stuck-*) echo $$ >> %1$s; exec sleep 100000 ;;
          ADD*K8S_POD_NAME=holder-*) sleep 100000 & echo $! >> %1$s ;;
        esac
        exec /usr/lib/cni/bridge
        """.formatted(dir.resolve("holders")));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    return bin;
  }

  private void endHolders() throws Exception {
    Path holders = dir.resolve("holders");
    if (Files.exists(holders)) {
      for (String pid : Files.readAllLines(holders)) {
        Ran.run("kill", "-9", pid);
      }
      Files.delete(holders);
    }
  }

  private void putHanging(Node node, HungFileSystem hung) throws Exception {
    Path fifo = dir.resolve("fifo");
    Ran.run("mkfifo", fifo.toString()).ok();
    node.put("checks", onHost("checks", hung.point(), "type: Directory", ""));
    node.put("mounts", onHost("mounts", hung.point(), "", ""));
    node.put("links", onHost("links", hung.point(), "", "subPath: below"));
    node.put("regular", onHost("regular", fifo, "type: File", ""));
    node.put("fifo", onHost("fifo", dir, "type: Directory", "subPath: fifo"));
    node.put("stuck", Pods.sleeper("stuck"));
    node.put("holder", Pods.sleeper("holder"));
    node.put("stall", Pods.sleeper("stall").replace(OwnEngine.IMAGE, MUTE + "/mute:1"));
  }

  private static String onHost(String name, Path path, String type, String mount) {
    String container = Pods.sleeping("main")
        .replaceAll(
            "}$",
            ", volumeMounts: [{%s}]}"
                .formatted(String.join(
                    ", ",
                    mount.isEmpty()
                        ? List.of("name: data", "mountPath: /data")
                        : List.of("name: data", "mountPath: /data", mount))));
    return Pods.of(name, """
        volumes: [{name: data, hostPath: {path: "%s"%s}}]
        containers: [%s]
        """.formatted(path, type.isEmpty() ? "" : ", " + type, container));
  }

  private void assertNamed(Node node, Jubelet agent) {
    String fuse = dir.resolve("fuse").toString();
    assertWhy(node, agent, "stall", "docker pull_image.*" + MUTE);
    assertWhy(node, agent, "checks", "hostPath " + fuse);
    assertWhy(node, agent, "mounts", fuse);
    assertWhy(node, agent, "links", "subPath below of volume data \\(hostPath " + fuse);
    assertWhy(node, agent, "stuck", "cni ADD bridge");
    assertWhy(node, agent, "regular", "is not a file");
  }

  private static void assertWhy(Node node, Jubelet agent, String pod, String named) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(Jubelet.run("why", node.podName(pod)).ok().out())
                .as("%s", agent)
                .containsPattern(named));
  }

  private static void assertCallsGoOn(Node node) throws Exception {
    assertThat(Node.crictl("version")).contains("docker");
    assertThat(Node.crictl("info")).contains("RuntimeReady");
    assertThat(Node.crictl("pods")).contains("good0");
    assertThat(Node.crictl("ps", "-a")).contains("main");
    assertThat(Node.crictl("images")).contains("busybox");
    assertThat(Node.crictl("stats", "-a")).contains("main");
    String main = Docker.running(node.podName("good0"), "main").getFirst();
    assertThat(Node.crictl("inspect", main)).contains("CONTAINER_RUNNING");
    assertThat(Node.crictl("exec", "-s", main, "echo", "lives")).contains("lives");
    assertThat(Healthz.get().status()).isEqualTo(200);
  }

  /// One dies and comes again, one goes.
  private static void othersLive(Node node, Jubelet agent) throws Exception {
    String pod = node.podName("good0");
    String main = Docker.running(pod, "main").getFirst();
    Docker.docker("kill", main);
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(Docker.running(pod, "main"))
            .as("%s", agent)
            .hasSize(1)
            .doesNotContain(main));
    node.remove("good2");
    assertGone(node, agent, List.of("good2"));
  }

  private static void assertGone(Node node, Jubelet agent, List<String> pods) {
    for (String pod : pods) {
      await().atMost(SOON).untilAsserted(() -> {
        assertThat(Docker.ofPod(node.podName(pod))).as("%s %s", pod, agent).isEmpty();
        assertThat(Jubelet.run("ps").ok().out()).as("%s", agent).doesNotContain(pod + "-");
      });
    }
  }

  private static void assertAsBefore(Jubelet agent, ProcessLook before) {
    await().atMost(SOON).untilAsserted(() -> {
      ProcessLook now = ProcessLook.at(agent.pid());
      assertThat(now.threads())
          .as("before %s", before)
          .isLessThanOrEqualTo(before.threads() + SLACK);
      assertThat(now.files())
          .as("before %s", before)
          .hasSizeLessThanOrEqualTo(before.files().size() + SLACK);
      assertThat(now.sockets())
          .as("before %s", before)
          .isLessThanOrEqualTo(before.sockets() + KEPT_CONNECTIONS);
      assertThat(now.namespaces()).isEqualTo(before.namespaces());
    });
    assertThat(before.namespaces()).hasSize(1);
  }

  private static void awaitRunning(Node node, Jubelet agent, String pod) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(Docker.running(node.podName(pod), "main"))
            .as("%s", agent)
            .hasSize(1));
  }
}
