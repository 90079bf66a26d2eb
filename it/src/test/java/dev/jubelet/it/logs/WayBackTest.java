package dev.jubelet.it.logs;

import static dev.jubelet.it.logs.ShimProcess.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.it.Docker;
import dev.jubelet.it.Engine;
import dev.jubelet.it.Jubelet;
import dev.jubelet.it.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// To cri-dockerd, whose logs are links to Docker's own files, and here again.
class WayBackTest {
  @Test
  void runningContainersGetTheirLinksAndWhatWasWrittenStays() throws Exception {
    try (ShimProcess shim = new ShimProcess()) {
      PodSandboxConfig.Builder pod = shim.pod("back");
      String id = shim.start(
          shim.run(pod),
          pod,
          ShimProcess.container("c", "i=0; while :; do echo line $i; i=$((i+1)); sleep 0.1; done"));
      Path log = Path.of(pod.getLogDirectory()).resolve("c.log");
      await().atMost(SOON).until(() -> Files.size(log) > 0);
      Ran refused = restore(shim);
      assertThat(refused.exitCode()).isNotZero();
      assertThat(refused.err()).contains("is in use by pid");
      assertThat(log).isRegularFile();
      shim.kill9();
      Path docker = Path.of(Docker.inspect(id, "{{.LogPath}}"));
      assertThat(restore(shim).ok().out()).isEqualTo(log + " -> " + docker + "\n");
      assertThat(Files.readSymbolicLink(log)).isEqualTo(docker);
      assertThat(Files.readString(log)).startsWith("{\"log\":\"line ");
      List<Path> kept;
      try (Stream<Path> files = Files.list(log.resolveSibling(""))) {
        kept = files.filter(file -> !file.equals(log)).toList();
      }
      assertThat(kept)
          .singleElement()
          .satisfies(file -> assertThat(Files.readString(file)).contains(" stdout F line 0\n"));
      shim.start();
      assertThat(Files.isSymbolicLink(log)).as("until it is reopened").isTrue();
      await().atMost(SOON).untilAsserted(() -> shim.reopen(id));
      await().atMost(SOON).until(() -> Files.size(log) > 0);
      assertThat(Files.isSymbolicLink(log)).isFalse();
      assertThat(Files.readAllLines(log).getFirst()).matches("\\S+ stdout F line \\d+");
    }
  }

  private static Ran restore(ShimProcess shim) throws Exception {
    return Jubelet.run(
        "dockershim",
        "--restore-log-links",
        "--cri-dockerd-root-directory=" + shim.root(),
        "--docker-endpoint=unix://" + Engine.socket());
  }
}
