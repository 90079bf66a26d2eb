package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A client of cri-api 0.25 does the sandbox and container verbs by `runtime.v1alpha2`.
class AlphaClientTest {

  @Test
  void yesterdaysClientWorks() throws Exception {
    Path dir = Files.createDirectories(Engine.work().resolve("alpha"));
    Path socket = dir.resolve("shim.sock");
    try (Jubelet shim = Jubelet.start(
        "dockershim",
        "--container-runtime-endpoint=unix://" + socket,
        "--docker-endpoint=unix://" + Engine.socket(),
        "--cri-dockerd-root-directory=" + dir.resolve("shim"),
        "--network-plugin=none")) {
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(socket).as("%s", shim).exists());
      Path logs = Files.createDirectories(dir.resolve("logs"));
      Ran ran = Ran.run(
          Engine.peer("jubelet.alphaClient").toString(),
          socket.toString(),
          "jubelet/busybox:1",
          logs.toString());
      assertThat(ran.exitCode()).as("%s\n%s", ran, shim).isZero();
      assertThat(ran.out()).contains("ok RemovePodSandbox");
    }
    assertThat(Docker.ofPod("alpha")).isEmpty();
  }
}
