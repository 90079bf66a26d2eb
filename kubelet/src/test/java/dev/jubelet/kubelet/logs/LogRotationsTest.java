package dev.jubelet.kubelet.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.kubelet.logs.LogRotations.Policy;
import dev.jubelet.kubelet.logs.LogRotations.Running;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogRotationsTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Policy POLICY = new Policy(10, 3, 1, Duration.ofMillis(10));

  @TempDir
  Path directory;

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-01T12:00:00Z"));
  private final Clock clock = ((InstantSource) now::get).withZone(ZoneOffset.UTC);
  private final List<String> reopened = new CopyOnWriteArrayList<>();
  private final AtomicReference<List<Running>> running = new AtomicReference<>(List.of());
  private Path log;

  @BeforeEach
  void container() {
    log = directory.resolve("0.log");
    running.set(List.of(new Running("c1", log)));
  }

  /// A runtime that writes to a new file.
  private LogRotations rotations() {
    return rotations(id -> {
      Files.createFile(id.equals("c1") ? log : directory.resolve(id));
      reopened.add(id);
    });
  }

  private LogRotations rotations(LogRotations.Reopener runtime) {
    return new LogRotations(POLICY, running::get, runtime, Duration.ofSeconds(10), clock, clock);
  }

  private void write(String text) throws IOException {
    Files.writeString(log, text);
    Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rw-r-----"));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> list = Files.list(directory)) {
      return list.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void lookUntilReopened(LogRotations rotations, int times) throws IOException {
    rotations.look();
    await().atMost(SOON).until(() -> reopened.size() == times);
  }

  @Test
  void whatIsTooLargeIsRotatedAndTheOlderOnesCompressedThenRemoved() throws Exception {
    LogRotations rotations = rotations();
    for (int day = 1; day <= 3; day++) {
      write("line of day " + day + "\n");
      int times = day;
      await().atMost(SOON).until(() -> {
        lookUntilReopened(rotations, times);
        return true;
      });
      now.set(now.get().plus(Duration.ofDays(1)));
    }
    List<String> files = files();
    assertThat(files).hasSize(3).contains("0.log");
    assertThat(files.get(1)).matches("0\\.log\\.20261102-\\d{6}\\.gz");
    assertThat(files.get(2)).matches("0\\.log\\.20261103-\\d{6}");
    Path compressed = directory.resolve(files.get(1));
    try (InputStream in = new GZIPInputStream(Files.newInputStream(compressed))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("line of day 2\n");
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(compressed)))
        .isEqualTo("rw-r-----");
    assertThat(Files.readString(directory.resolve(files.get(2)))).isEqualTo("line of day 3\n");
  }

  @Test
  void aSmallLogIsLeftAlone() throws Exception {
    write("123456789");
    LogRotations rotations = rotations();
    rotations.look();
    write("1234567890");
    lookUntilReopened(rotations, 1);
    assertThat(files()).hasSize(2);
  }

  @Test
  void aFileThatIsMissingAfterAKillIsReopened() throws Exception {
    lookUntilReopened(rotations(), 1);
    assertThat(files()).containsExactly("0.log");
  }

  @Test
  void aRefusedReopenGivesTheFileItsNameBackAndIsTriedLater() throws Exception {
    write("a log that is long");
    List<String> asked = new CopyOnWriteArrayList<>();
    LogRotations rotations = rotations(id -> {
      asked.add(id);
      throw new IOException("not written by this runtime");
    });
    rotations.look();
    await().atMost(SOON).until(() -> asked.size() == 1 && files().equals(List.of("0.log")));
    await().atMost(SOON).until(() -> idle(rotations));
    rotations.look();
    assertThat(asked).hasSize(1);
    now.set(now.get().plus(Duration.ofMinutes(2)));
    rotations.look();
    await().atMost(SOON).until(() -> asked.size() == 2 && files().equals(List.of("0.log")));
    assertThat(Files.readString(log)).isEqualTo("a log that is long");
  }

  private static boolean idle(LogRotations rotations) {
    return rotations.underWay() == 0;
  }

  @Test
  void oneContainerIsRotatedOnceAtATimeAndOneThatHangsHoldsUpNoLook() throws Exception {
    write("a log that is long");
    CountDownLatch gate = new CountDownLatch(1);
    LogRotations rotations = rotations(id -> {
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      Files.createFile(log);
      reopened.add(id);
    });
    rotations.look();
    await().atMost(SOON).until(() -> !Files.exists(log));
    rotations.look();
    rotations.look();
    gate.countDown();
    await().atMost(SOON).until(() -> idle(rotations));
    assertThat(reopened).containsExactly("c1");
  }

  @Test
  void looksByItselfUnlessTheSizeIsNegative() throws Exception {
    write("a log that is long");
    try (LogRotations rotations = rotations()) {
      rotations.start();
      await().atMost(SOON).until(() -> reopened.size() == 1);
    }
    try (LogRotations never = new LogRotations(
        new Policy(-1, 5, 1, Duration.ofMillis(1)),
        () -> {
          throw new AssertionError("nobody looks");
        },
        _ -> {},
        Duration.ofSeconds(10),
        clock,
        clock)) {
      never.start();
      assertThat(never.looks()).isFalse();
    }
  }
}
