package dev.jubelet.kubelet.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.cri.v1.ContainerStatus;
import dev.jubelet.cri.v1.Mount;
import dev.jubelet.kubelet.cri.PodLabels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminationMessageTest {
  private static final String IN_CONTAINER = "/dev/termination-log";

  @TempDir
  Path directory;

  private Path message;
  private Path log;
  private TerminationMessage messages;

  @BeforeEach
  void files() throws IOException {
    message = directory.resolve("pods/u-1/containers/c/0a1b2c3d");
    log = directory.resolve("logs/ns_p_u-1/c/0.log");
    Files.createDirectories(message.getParent());
    Files.createDirectories(log.getParent());
    messages = new TerminationMessage(
        directory.resolve("pods"), directory.resolve("logs"), Duration.ofSeconds(10));
  }

  @ParameterizedTest(name = "{0}, exit {1} {2}, file [{3}]: [{4}]")
  @CsvSource(delimiter = '|', textBlock = """
      File                  | 1 | Error              | bye | bye
      File                  | 0 | Completed          | bye | bye
      File                  | 1 | Error              | ''  | ''
      FallbackToLogsOnError | 1 | Error              | bye | bye
      FallbackToLogsOnError | 1 | Error              | ''  | logged
      FallbackToLogsOnError | 0 | Completed          | ''  | ''
      FallbackToLogsOnError | 1 | ContainerCannotRun | ''  | ''
      """)
  void policies(String policy, int exitCode, String reason, String written, String expected)
      throws IOException {
    Files.writeString(message, written);
    Files.writeString(log, "2026-11-01T10:00:00Z stdout F logged\n");
    assertThat(messages.of(exited(policy, exitCode).setReason(reason).build()).strip())
        .isEqualTo(expected);
  }

  @Test
  void runtimesOwnMessageComesFirst() throws IOException {
    Files.writeString(message, "bye");
    assertThat(messages.of(exited("File", 1).setMessage("oci").build())).isEqualTo("oci: bye");
    Files.delete(message);
    assertThat(messages.of(exited("File", 1).setMessage("oci").build())).isEqualTo("oci");
  }

  @Test
  void onlyTheEndIsRead() throws IOException {
    Files.writeString(message, "x".repeat(100_000) + "end");
    assertThat(messages.of(exited("File", 1).build())).hasSize(4096).endsWith("xend");
  }

  @Test
  void fallbackTakesTheLast80LinesAnd2048Bytes() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      lines.append("2026-11-01T10:00:00Z stdout F ").append(i).append('\n');
    }
    Files.writeString(log, lines);
    assertThat(messages.of(exited("FallbackToLogsOnError", 1).build()).lines())
        .hasSize(80)
        .startsWith("20")
        .endsWith("99");
    Files.writeString(log, "2026-11-01T10:00:00Z stdout F " + "y".repeat(5000) + "\n");
    assertThat(messages.of(exited("FallbackToLogsOnError", 1).build())).hasSize(2048);
  }

  @Test
  void filesElsewhereAreNotRead() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "secret");
    var status = exited("File", 1);
    status.setMounts(0, mount(secret));
    assertThat(messages.of(status.build())).isEmpty();
    status.setMounts(0, mount(directory.resolve("pods/../secret")));
    assertThat(messages.of(status.build())).isEmpty();
    Files.createSymbolicLink(message, secret);
    assertThat(messages.of(exited("File", 1).build())).isEmpty();
    var fallback = exited("FallbackToLogsOnError", 1).setLogPath(secret.toString());
    assertThat(messages.of(fallback.build())).isEmpty();
  }

  private ContainerStatus.Builder exited(String policy, int exitCode) {
    return ContainerStatus.newBuilder()
        .setExitCode(exitCode)
        .setReason("Error")
        .setLogPath(log.toString())
        .putAnnotations(PodLabels.MESSAGE_PATH, IN_CONTAINER)
        .putAnnotations(PodLabels.MESSAGE_POLICY, policy)
        .addMounts(mount(message));
  }

  private static Mount mount(Path file) {
    return Mount.newBuilder()
        .setContainerPath(IN_CONTAINER)
        .setHostPath(file.toString())
        .build();
  }
}
