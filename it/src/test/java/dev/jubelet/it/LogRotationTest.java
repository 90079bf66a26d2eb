package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/// The agent rotates the logs that the shim writes, while the container goes on.
class LogRotationTest {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String CHATTY = """
      apiVersion: v1
      kind: Pod
      metadata: {name: chatty}
      spec:
        terminationGracePeriodSeconds: 0
        containers:
          - name: main
            image: jubelet/busybox:1
            command:
              - /bin/sh
              - -c
              - |
                i=0
                while true; do
                  echo "line $i ................................................................"
                  i=$((i + 1))
                  [ $((i % 200)) -ne 0 ] || sleep 1
                done
      """;

  @Test
  void filesComeAreCompressedAndGoAndNoLineIsLost() throws Exception {
    Path logs = Files.createDirectories(Engine.work().resolve("rotation/pods"));
    Path config = Files.writeString(logs.resolveSibling("config.yaml"), """
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        containerLogMaxSize: 48Ki
        containerLogMaxFiles: 3
        containerLogMonitorInterval: 3s
        podLogsDir: %s
        """.formatted(logs));
    Node node = new Node("rotation").with("--config=" + config, "--fail-swap-on=false");
    try (Jubelet agent = node.start()) {
      node.put("chatty", CHATTY);
      await().atMost(SOON).untilAsserted(() -> {
        List<Path> all = found(logs);
        assertThat(all).as("%s", agent).hasSize(3);
        List<Path> files = inOrder(all);
        assertThat(files).hasSize(3);
        assertThat(files.getLast()).hasFileName("0.log");
        assertThat(files.getFirst().getFileName().toString())
            .matches("0\\.log\\.\\d{8}-\\d{6}\\.gz");
      });
      Path oldest = inOrder(found(logs)).getFirst();
      await().atMost(SOON).until(() -> !Files.exists(oldest));
      agent.kill9();
      List<Path> files = inOrder(found(logs));
      assertThat(files.size()).as("%s", files).isLessThanOrEqualTo(3);
      long[] lines = lines(files);
      assertThat(lines.length).isGreaterThan(200);
      assertThat(lines)
          .containsExactly(LongStream.range(lines[0], lines[0] + lines.length).toArray());
    }
    try (Jubelet again = node.start()) {
      node.remove("chatty");
      await().atMost(SOON).untilAsserted(() -> {
        assertThat(Docker.ofPod(node.podName("chatty"))).as("%s", again).isEmpty();
        assertThat(found(logs)).isEmpty();
      });
    }
  }

  /// The numbers in all files; a last line may be torn.
  private static long[] lines(List<Path> files) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Path file : files) {
      text.append(read(file));
    }
    return Pattern.compile("(?m)^\\S+ stdout F line (\\d+) \\.+$")
        .matcher(text)
        .results()
        .mapToLong(line -> Long.parseLong(line.group(1)))
        .toArray();
  }

  private static String read(Path file) throws IOException {
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
        ByteArrayOutputStream out = new ByteArrayOutputStream()) {
      in.transferTo(out);
      return out.toString(StandardCharsets.UTF_8);
    }
  }

  /// Whatever is there of the one container's log, below a directory of its pod and its own.
  /// Without
  /// a look at the files, as a walk has it: one that goes meanwhile would end that.
  private static List<Path> found(Path logs) {
    return list(logs)
        .flatMap(LogRotationTest::list)
        .flatMap(LogRotationTest::list)
        .filter(file -> file.getFileName().toString().startsWith("0.log"))
        .sorted()
        .toList();
  }

  private static Stream<Path> list(Path directory) {
    File[] files = directory.toFile().listFiles();
    return files == null ? Stream.of() : Stream.of(files).map(File::toPath);
  }

  /// What holds its lines, oldest first. When the agent dies in the middle of a rotation, the
  /// current file may lack, and what was being compressed be there twice.
  private static List<Path> inOrder(List<Path> found) {
    List<Path> files = new ArrayList<>(found);
    files.removeIf(
        file -> file.toString().endsWith(".tmp") || found.contains(Path.of(file + ".gz")));
    if (!files.isEmpty() && files.getFirst().endsWith("0.log")) {
      files.add(files.removeFirst());
    }
    return files;
  }
}
