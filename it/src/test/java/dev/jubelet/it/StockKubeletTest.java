package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// An unchanged kubelet 1.37 on `jubelet dockershim`.
class StockKubeletTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final String POD = """
      apiVersion: v1
      kind: Pod
      metadata:
        name: stock
      spec:
        hostNetwork: true
        terminationGracePeriodSeconds: 1
        containers:
          - name: main
            image: jubelet/busybox:1
            imagePullPolicy: Never
            command: [/bin/sh, -c, "echo from a stock kubelet; exec sleep 100000"]
      """;

  @Test
  void runsAStaticPodAlsoWhenTheEngineComesLater() throws Exception {
    Path dir = Files.createDirectories(Engine.work().resolve("stock"));
    Path engine = dir.resolve("late.sock");
    String socket = dir.resolve("shim.sock").toString();
    try (Jubelet shim = Jubelet.start(
            "dockershim",
            "--container-runtime-endpoint=unix://" + socket,
            "--docker-endpoint=unix://" + engine,
            "--cri-dockerd-root-directory=" + dir.resolve("shim"),
            "--network-plugin=none");
        Background kubelet = awaitSocketThenKubelet(shim, dir, socket)) {
      Files.writeString(dir.resolve("manifests/stock.yaml"), POD);
      Thread.sleep(60_000);
      assertThat(kubelet.alive())
          .as("the kubelet waits for the engine; %s", kubelet)
          .isTrue();
      assertThat(Node.crictlAt("unix://" + socket, "version")).contains("docker");
      Files.createSymbolicLink(engine, Engine.socket());
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(Docker.running("stock-stocknode", "main"))
              .as("%s\n%s", kubelet, shim)
              .hasSize(1));
      Files.delete(dir.resolve("manifests/stock.yaml"));
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(Docker.running("stock-stocknode", "POD"))
              .as("%s", kubelet)
              .isEmpty());
    } finally {
      for (String id : Docker.ofPod("stock-stocknode")) {
        Docker.docker("rm", "-f", id);
      }
    }
  }

  private static Background awaitSocketThenKubelet(Jubelet shim, Path dir, String socket)
      throws Exception {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(Path.of(socket)).as("%s", shim).exists());
    return StockKubelet.start(dir, "stocknode", socket);
  }
}
