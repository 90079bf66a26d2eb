package dev.jubelet.it.logs;

import static dev.jubelet.it.logs.ShimProcess.SOON;
import static dev.jubelet.it.logs.ShimProcess.container;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.it.Docker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What is in a log, and when.
class ContainerLogTest {
  private static ShimProcess shim;
  private static PodSandboxConfig.Builder pod;
  private static String sandbox;

  @BeforeAll
  static void start() throws Exception {
    shim = new ShimProcess();
    pod = shim.pod("lines");
    sandbox = shim.run(pod);
  }

  @AfterAll
  static void end() {
    shim.close();
  }

  private static Path log(String name) {
    return Path.of(pod.getLogDirectory()).resolve(name + ".log");
  }

  private static String start(ContainerConfig.Builder container) {
    return shim.start(sandbox, pod, container);
  }

  @Test
  void theFileIsThereWhenTheStartAnswers() throws Exception {
    String id = start(container("there", "sleep 1000"));
    assertThat(log("there")).exists();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(log("there"))))
        .isEqualTo("rw-r-----");
    assertThat(shim.status(id).getInfoMap().get("info"))
        .contains("\"log\":\"follow-file: ")
        .contains(id + "-json.log");
  }

  @Test
  void dockersBufferIsBoundedWhateverTheDaemonSays() throws Exception {
    String id = start(container("options", "true"));
    assertThat(Docker.inspect(id, "{{json .HostConfig.LogConfig}}"))
        .contains("\"Type\":\"json-file\"")
        .contains("\"max-size\":\"4m\"")
        .contains("\"max-file\":\"5\"")
        .contains("\"compress\":\"false\"")
        .contains("\"mode\":\"blocking\"")
        .contains("\"labels\":\"\"")
        .contains("\"tag\":\"\"");
  }

  /// Docker replaces what is no UTF-8 before anybody else sees it, and so a character of
  /// several bytes that is cut where it splits a long line.
  @Test
  void whatIsNoUtf8IsReplacedByDocker() throws Exception {
    String id = start(container(
        "utf8",
        "printf 'gr\\303\\274n \\377\\376 end\\n'; head -c 16383 /dev/zero | tr '\\0' x;"
            + " printf '\\303\\274y\\n'"));
    shim.awaitExit(id);
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(texts(log("utf8")))
            .containsExactly(
                "stdout F gr\u00fcn \ufffd\ufffd end",
                "stdout P " + "x".repeat(16_383) + "\ufffd",
                "stdout F \ufffdy"));
  }

  @Test
  void linesWithoutAnEndArePartial() throws Exception {
    String id = start(container("partial", "echo; head -c 20000 /dev/zero | tr '\\0' x; echo y"));
    shim.awaitExit(id);
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(texts(log("partial")))
            .containsExactly(
                "stdout F ",
                "stdout P " + "x".repeat(16_384),
                "stdout F " + "x".repeat(3616) + "y"));
  }

  /// Complete, or counted as late: a slow machine may need more than the 2 s.
  @Test
  void anExitIsToldWhenTheLogIsComplete() throws Exception {
    String id = start(container("exits", "seq 1 100000"));
    shim.awaitExit(id);
    if (!shim.err().contains("the log of container exits of pod logs-it/lines is not complete")) {
      assertThat(texts(log("exits"))).hasSize(100_000).last().isEqualTo("stdout F 100000");
    }
    await().atMost(SOON).until(() -> texts(log("exits")).size() == 100_000);
  }

  @Test
  void aContainerThatIsRemovedByHandIsForgotten() throws Exception {
    String id = start(container("by-hand", "echo hello; sleep 1000"));
    Path checkpoint = shim.root().resolve("logs").resolve(id + ".log-checkpoint");
    await().atMost(SOON).until(() -> Files.size(log("by-hand")) > 0);
    assertThat(checkpoint).exists();
    Docker.docker("rm", "-f", id);
    await().atMost(SOON).until(() -> !Files.exists(checkpoint));
    assertThat(texts(log("by-hand"))).containsExactly("stdout F hello");
  }

  private static List<String> texts(Path log) throws Exception {
    return Files.readString(log, StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.substring(line.indexOf(' ') + 1))
        .toList();
  }
}
