package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The same agent on another runtime: Debian's containerd, which has no container events.
class ContainerdTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  void runsTheSamePods() throws Exception {
    Path dir = Files.createDirectories(Engine.work().resolve("containerd"));
    Path socket = dir.resolve("containerd.sock");
    Node node = new Node("ctr");
    Path config = dir.resolve("config.toml");
    Files.writeString(config, """
        version = 2
        root = "%1$s/root"
        state = "%1$s/state"
        [grpc]
          address = "%2$s"
        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "docker.io/jubelet/ctrpause:1"
          restrict_oom_score_adj = true
          stream_server_address = "127.0.0.1"
          [plugins."io.containerd.grpc.v1.cri".cni]
            bin_dir = "/usr/lib/cni"
            conf_dir = "%3$s"
        """.formatted(dir, socket, node.dir().resolve("net.d")));
    try (Background containerd = Background.start(
        "containerd", Map.of(), List.of("containerd", "--config", config.toString()))) {
      await().atMost(PATIENCE).until(() -> ctr(socket, "version").exitCode() == 0);
      importImages(socket, dir);
      node.with("--container-runtime-endpoint=unix://" + socket);
      try (Jubelet agent = node.start()) {
        node.put("same", """
            apiVersion: v1
            kind: Pod
            metadata: {name: same}
            spec:
              terminationGracePeriodSeconds: 1
              initContainers:
                - {name: first, image: "jubelet/busybox:1", command: [/bin/true]}
              containers:
                - name: main
                  image: jubelet/busybox:1
                  command: [/bin/sh, -c, "echo on containerd; exec sleep 100000"]
            """);
        String endpoint = "unix://" + socket;
        await()
            .atMost(PATIENCE)
            .untilAsserted(() -> assertThat(
                    Node.crictlAt(endpoint, "ps", "--name", "main", "-q").strip())
                .as("%s\n%s", agent, containerd)
                .isNotEmpty());
        String id = Node.crictlAt(endpoint, "ps", "--name", "main", "-q").strip();
        assertThat(Node.crictlAt(endpoint, "logs", id)).contains("on containerd");
        assertThat(Jubelet.run("ps").ok().out()).contains("same-ctr").contains("Running");
        // It died: the relist sees it.
        Node.crictlAt(endpoint, "stop", "-t", "0", id);
        await()
            .atMost(PATIENCE)
            .untilAsserted(() -> assertThat(
                    Node.crictlAt(endpoint, "ps", "--name", "main", "-q").strip())
                .as("%s", agent)
                .isNotEmpty()
                .isNotEqualTo(id));
        node.remove("same");
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> assertThat(Node.crictlAt(endpoint, "pods", "-q").strip())
                    .as("%s", agent)
                    .isEmpty());
      }
    }
  }

  private static void importImages(Path socket, Path dir) throws Exception {
    String made = Docker.docker("create", "jubelet/busybox:1");
    Docker.docker(
        "commit",
        "-c",
        "ENTRYPOINT [\"/bin/sleep\",\"1000000\"]",
        "-c",
        "CMD []",
        made,
        "jubelet/ctrpause:1");
    Docker.docker("rm", made);
    String tar = dir.resolve("images.tar").toString();
    Docker.docker("save", "-o", tar, "jubelet/busybox:1", "jubelet/ctrpause:1");
    ctr(socket, "-n", "k8s.io", "images", "import", tar).ok();
    Docker.docker("rmi", "jubelet/ctrpause:1");
  }

  private static Ran ctr(Path socket, String... args) throws Exception {
    List<String> words = new java.util.ArrayList<>(List.of("ctr", "--address", socket.toString()));
    words.addAll(List.of(args));
    return Ran.run(words.toArray(String[]::new));
  }
}
