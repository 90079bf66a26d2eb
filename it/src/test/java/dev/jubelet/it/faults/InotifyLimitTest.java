package dev.jubelet.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.it.Background;
import dev.jubelet.it.Docker;
import dev.jubelet.it.Engine;
import dev.jubelet.it.Jubelet;
import dev.jubelet.it.Node;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// A kernel that gives no inotify: the agent runs in a user namespace of its own, whose limit of
/// instances is 0 (the machine's stays), beside a shim outside of it. It polls, and says so once.
class InotifyLimitTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Pattern WARNING = Pattern.compile("Cannot watch .*polling every \\d+ s");
  private static final String LIMIT =
      "echo 0 > /proc/sys/user/max_inotify_instances && exec \"$@\"";

  private static String manifest(String name) {
    return """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s}
        spec:
          hostNetwork: true
          terminationGracePeriodSeconds: 0
          containers: [{name: main, image: "jubelet/busybox:1", command: [/bin/sleep, "100000"]}]
        """.formatted(name);
  }

  @Test
  void manifestsArePolledWithOneWarning() throws Exception {
    Node node = new Node("polls");
    Path socket = node.dir().resolve("cri.sock");
    node.with("--container-runtime-endpoint=unix://" + socket, "--healthz-port=0");
    node.put("early", manifest("early"));
    try (Jubelet shim = shim(node, socket)) {
      await().atMost(SOON).until(() -> Files.exists(socket));
      try (Background agent = limited(node)) {
        runs(node, "early", shim, agent);
        node.put("late", manifest("late"));
        runs(node, "late", shim, agent);
        node.remove("early");
        node.remove("late");
        for (String name : List.of("early", "late")) {
          await()
              .atMost(SOON)
              .untilAsserted(() -> assertThat(Docker.ofPod(node.podName(name)))
                  .as("%s\n%s", agent, shim)
                  .isEmpty());
        }
        assertThat(WARNING.matcher(agent.log()).results()).as("%s", agent).hasSize(1);
        assertThat(agent.log()).contains("raise fs.inotify.max_user_instances");
      }
    }
  }

  private static void runs(Node node, String pod, Jubelet shim, Background agent) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(Docker.running(node.podName(pod), "main"))
            .as("%s\n%s", agent, shim)
            .hasSize(1));
  }

  private static Jubelet shim(Node node, Path socket) throws Exception {
    return Jubelet.start(
        "dockershim",
        "--container-runtime-endpoint=unix://" + socket,
        "--docker-endpoint=unix://" + Engine.socket(),
        "--cri-dockerd-root-directory=" + node.dir().resolve("dockershim"));
  }

  private static Background limited(Node node) throws Exception {
    Path tools = Files.createDirectories(node.dir().resolve("tools"));
    mapTool(tools.resolve("newuidmap"), "uid_map");
    mapTool(tools.resolve("newgidmap"), "gid_map");
    List<String> words = new ArrayList<>(List.of(
        "unshare",
        "--user",
        "--map-users=0,0,65536",
        "--map-groups=0,0,65536",
        "sh",
        "-c",
        LIMIT,
        "limited"));
    words.addAll(Jubelet.java());
    words.addAll(node.args());
    Map<String, String> environment =
        Map.of("JUBELET_CALLED_AS", "jubelet", "PATH", tools + ":" + System.getenv("PATH"));
    return Background.start("limited", environment, words);
  }

  /// unshare(1) has other programs map more ids than one, which a machine may lack.
  private static void mapTool(Path program, String map) throws Exception {
    Files.writeString(program, "#!/bin/sh\npid=$1\nshift\necho \"$*\" > /proc/$pid/" + map + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
