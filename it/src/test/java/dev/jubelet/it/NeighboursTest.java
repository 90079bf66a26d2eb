package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Pods of the real cri-dockerd and its kubelet, and a plain container, on the same engine: we
/// leave them alone.
class NeighboursTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static Path dir = Path.of("/");
  private static Path socket = Path.of("/");
  private static final List<Background> PEERS = new ArrayList<>();

  @BeforeAll
  static void anEngineWithForeignPods() throws Exception {
    dir = Files.createDirectories(Engine.work().resolve("neighbours"));
    socket = dir.resolve("docker.sock");
    // With --bridge=none it would take the other engine's docker0 away.
    Ran.run("ip", "link", "add", "nbr0", "type", "bridge").ok();
    Ran.run("ip", "addr", "add", "172.29.0.1/16", "dev", "nbr0").ok();
    PEERS.add(Background.start(
        "dockerd2",
        Map.of(),
        List.of(
            "dockerd",
            "--data-root=" + dir.resolve("data"),
            "--exec-root=" + dir.resolve("exec"),
            "--host=unix://" + socket,
            "--pidfile=" + dir.resolve("dockerd.pid"),
            "--bridge=nbr0",
            "--iptables=false",
            "--add-runtime=restricted="
                + Engine.top().resolve("it/src/test/namespaces/runc-restricted"),
            "--default-runtime=restricted")));
    await().atMost(PATIENCE).until(() -> docker("version").exitCode() == 0);
    for (String image : List.of("jubelet/busybox:1", "foreign/pause:1")) {
      Ran.run(Engine.top().resolve("bin/make-busybox").toString(), "unix://" + socket, image)
          .ok();
    }
    String made = docker("create", "foreign/pause:1").ok().out().strip();
    docker(
            "commit",
            "-c",
            "ENTRYPOINT [\"/bin/sleep\",\"1000000\"]",
            "-c",
            "CMD []",
            made,
            "foreign/pause:1")
        .ok();
    docker("rm", made).ok();
    docker(
            "run",
            "-d",
            "--name",
            "plain",
            "--network",
            "none",
            "jubelet/busybox:1",
            "sleep",
            "100000")
        .ok();
    PEERS.add(Background.start(
        "cri-dockerd",
        Map.of(),
        List.of(
            Engine.peer("jubelet.criDockerd").toString(),
            "--container-runtime-endpoint=unix://" + dir.resolve("cri-dockerd.sock"),
            "--docker-endpoint=unix://" + socket,
            "--cri-dockerd-root-directory=" + dir.resolve("cri-dockerd"),
            "--pod-infra-container-image=foreign/pause:1",
            "--network-plugin=")));
    Path cri = dir.resolve("cri-dockerd.sock");
    await().atMost(PATIENCE).until(() -> Files.exists(cri));
    Background kubelet = StockKubelet.start(dir, "foreign", cri.toString());
    PEERS.add(kubelet);
    for (int k = 0; k < 3; k++) {
      Files.writeString(dir.resolve("manifests/n" + k + ".yaml"), """
          apiVersion: v1
          kind: Pod
          metadata: {name: n%d}
          spec:
            hostNetwork: true
            containers:
              - {name: main, image: "jubelet/busybox:1", imagePullPolicy: Never, command: [/bin/sleep, "100000"]}
          """.formatted(k));
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(foreign()).as("%s", PEERS).hasSize(7));
    // A kubelet takes every Kubernetes container of its engine for its own, and after 2 s removes
    // those that it does not know: ours too, while it runs.
    kubelet.close();
  }

  @AfterAll
  static void end() throws Exception {
    for (Background peer : PEERS.subList(1, PEERS.size()).reversed()) {
      peer.close();
    }
    List<String> all = docker("ps", "-aq").ok().out().lines().toList();
    for (String id : all) {
      docker("rm", "-f", id);
    }
    PEERS.getFirst().close();
  }

  @Test
  void runItsEndAndAnotherNodeLeaveThemAlone() throws Exception {
    List<String> before = foreign();
    Path conf = Path.of("/etc/cni/net.d/10-neighbours.conflist");
    Files.createDirectories(conf.getParent());
    Files.writeString(conf, """
        {"cniVersion":"1.0.0","name":"neighbours","plugins":[
         {"type":"bridge","bridge":"cni90","isGateway":true,
          "ipam":{"type":"host-local","dataDir":"%s","ranges":[[{"subnet":"10.88.90.0/24"}]]}}]}
        """.formatted(dir.resolve("leases")));
    try {
      Ran hello = Ran.run(
          Map.of("DOCKER_HOST", "unix://" + socket),
          120,
          concat(
              Jubelet.java(), "run", Engine.top().resolve("examples/hello.yaml").toString()));
      assertThat(hello.exitCode()).as("%s", hello).isZero();
      assertThat(hello.out()).contains("hello from hello");
      Path sleeps = dir.resolve("sleeps.yaml");
      Files.writeString(sleeps, """
          apiVersion: v1
          kind: Pod
          metadata: {name: sleeps}
          spec:
            terminationGracePeriodSeconds: 0
            containers: [{name: main, image: "jubelet/busybox:1", command: [/bin/sleep, "100000"]}]
          """);
      try (Jubelet run =
          Jubelet.start("run", "--docker-endpoint=unix://" + socket, sleeps.toString())) {
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> assertThat(docker("ps", "--format", "{{.Names}}").ok().out())
                    .as("%s", run)
                    .contains("k8s_main_sleeps"));
        run.signal("INT");
        assertThat(run.await(60)).as("%s", run).isEqualTo(130);
      }
      Node node = new Node("other");
      node.with("--docker-endpoint=unix://" + socket);
      try (Jubelet agent = node.start()) {
        node.put("mine", """
            apiVersion: v1
            kind: Pod
            metadata: {name: mine}
            spec:
              terminationGracePeriodSeconds: 0
              containers: [{name: main, image: "jubelet/busybox:1", command: [/bin/sleep, "100000"]}]
            """);
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> assertThat(docker("ps", "--format", "{{.Names}}").ok().out())
                    .as("%s", agent)
                    .contains("k8s_main_mine-other"));
        // Long enough for the house-keeping of both sides to have looked at everything.
        Thread.sleep(5_000);
        node.remove("mine");
        await()
            .atMost(PATIENCE)
            .untilAsserted(() -> assertThat(
                    docker("ps", "-a", "--format", "{{.Names}}").ok().out())
                .as("%s", agent)
                .doesNotContain("mine-other"));
      }
    } finally {
      Files.delete(conf);
    }
    assertThat(foreign()).isEqualTo(before);
  }

  /// Names, ids and start times of the foreign containers.
  private static List<String> foreign() throws Exception {
    List<String> ids = docker("ps", "-q", "--no-trunc").ok().out().lines().toList();
    List<String> all = new ArrayList<>();
    for (String id : ids) {
      String line = docker("inspect", "-f", "{{.Name}} {{.Id}} {{.State.StartedAt}}", id)
          .ok()
          .out()
          .strip();
      if (line.contains("-foreign_") || line.startsWith("/plain")) {
        all.add(line);
      }
    }
    all.sort(null);
    return all;
  }

  private static List<String> concat(List<String> words, String... more) {
    List<String> all = new ArrayList<>(words);
    all.addAll(List.of(more));
    return all;
  }

  private static Ran docker(String... args) throws Exception {
    List<String> words = new ArrayList<>(List.of("docker", "-H", "unix://" + socket));
    words.addAll(List.of(args));
    return Ran.run(words.toArray(String[]::new));
  }
}
