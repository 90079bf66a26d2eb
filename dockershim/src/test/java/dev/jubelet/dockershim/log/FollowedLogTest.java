package dev.jubelet.dockershim.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.dockershim.log.FollowedLog.Outcome;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One log, turn by turn; a crash is a [FollowedLog] that is simply dropped.
class FollowedLogTest {
  private static final String MARKED = "[jubelet]";

  @TempDir
  Path dir;

  private Path log;
  private DockerFile docker;
  private LogCheckpoints checkpoints;
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final LogMetrics metrics = new LogMetrics(registry);

  @BeforeEach
  void prepare() throws Exception {
    log = Files.createDirectories(dir.resolve("pod")).resolve("0.log");
    docker = new DockerFile(Files.createDirectories(dir.resolve("c1")).resolve("c1-json.log"), 5);
    checkpoints = new LogCheckpoints(dir.resolve("checkpoints"));
  }

  private FollowedLog open() throws IOException {
    return FollowedLog.open(
        new FollowedLog.Route(
            "c1",
            new LogOrigin.JsonFile(docker.base()),
            JsonFileSource.of(docker.base(), metrics),
            log),
        checkpoints,
        metrics);
  }

  private static void moveAll(FollowedLog followed) {
    Outcome outcome = followed.turn();
    while (outcome == Outcome.MORE) {
      outcome = followed.turn();
    }
    assertThat(outcome).isIn(Outcome.IDLE, Outcome.CLOSED);
  }

  private static void stop(FollowedLog followed) {
    followed.release();
    moveAll(followed);
  }

  @Test
  void theFileIsThereFromTheBegin() throws Exception {
    stop(open());
    assertThat(log).isEmptyFile();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(log)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void movesWhatComes() throws Exception {
    FollowedLog followed = open();
    moveAll(followed);
    docker.line("one");
    docker.record("par", false, "stderr");
    moveAll(followed);
    docker.record("tial", true, "stderr");
    moveAll(followed);
    assertThat(log).hasContent(docker.expected());
    stop(followed);
  }

  @Test
  void anUnfinishedRecordIsWaitedFor() throws Exception {
    FollowedLog followed = open();
    docker.line("one");
    docker.raw("{\"log\":\"two\\n\",\"str");
    moveAll(followed);
    assertThat(log).hasContent(docker.expected());
    docker.raw("eam\":\"stdout\",\"time\":\"2026-11-01T11:00:00Z\"}\n");
    moveAll(followed);
    assertThat(Files.readString(log))
        .isEqualTo(docker.expected() + "2026-11-01T11:00:00Z stdout F two\n");
    stop(followed);
  }

  @Test
  void aRecordLongerThanABatch() throws Exception {
    FollowedLog followed = open();
    docker.line("x".repeat(300_000));
    docker.line("after");
    moveAll(followed);
    assertThat(log).hasContent(docker.expected());
    stop(followed);
  }

  @Test
  void aRecordBeyondAllBoundsIsLeftOutWithAMarker() throws Exception {
    FollowedLog followed = open();
    docker.line("before");
    String before = docker.expected();
    docker.raw("y".repeat(3_000_000) + "\n");
    docker.line("after");
    moveAll(followed);
    assertThat(Files.readAllLines(log))
        .satisfiesExactly(
            line -> assertThat(line + "\n").isEqualTo(before),
            line ->
                assertThat(line).contains(MARKED).contains("record of 3000000 bytes is left out"),
            line -> assertThat(line).endsWith(" F after"));
    stop(followed);
  }

  @Test
  void aTornRecordIsSkippedWithAMarkerAndTheNextIsKept() throws Exception {
    FollowedLog followed = open();
    docker.raw("{\"log\":\"torn by a full disk"); // the next record follows on the same line
    docker.line("kept");
    docker.raw("\0\0\0\0\0\0");
    docker.line("kept too");
    docker.raw("no record at all\n");
    moveAll(followed);
    assertThat(Files.readAllLines(log))
        .satisfiesExactly(
            line -> assertThat(line).contains("damaged record of 27 bytes"),
            line -> assertThat(line).endsWith("F kept"),
            line -> assertThat(line).contains("damaged record of 6 bytes"),
            line -> assertThat(line).endsWith("F kept too"),
            line -> assertThat(line).contains("damaged record of 16 bytes"));
    stop(followed);
  }

  @Test
  void followsThroughRotations() throws Exception {
    FollowedLog followed = open();
    for (int i = 0; i < 30; i++) {
      docker.line("line " + i);
      if (i % 3 == 0) {
        moveAll(followed);
      }
      docker.line("just before the rotation " + i);
      docker.rotate();
    }
    docker.line("last");
    moveAll(followed);
    assertThat(log).hasContent(docker.expected());
    stop(followed);
  }

  @Test
  void readsAWholeRotatedChainFromItsOldestFile() throws Exception {
    for (int i = 0; i < 3; i++) {
      docker.line("same first line");
      docker.line("line " + i);
      docker.rotate();
    }
    docker.line("newest");
    FollowedLog followed = open();
    moveAll(followed);
    assertThat(log).hasContent(docker.expected());
    stop(followed);
  }

  @Test
  void readsAChainThatIsJustBeingRotated() throws Exception {
    for (int i = 0; i < 3; i++) {
      docker.line("line " + i);
      docker.rotate();
    }
    docker.line("newest");
    docker.beginRotation();
    FollowedLog followed = open();
    moveAll(followed);
    assertThat(log).hasContent(docker.expected());
    stop(followed);
  }

  @Test
  void aFullChainThatWasNeverReadMayHaveBeenLonger() throws Exception {
    for (int i = 0; i < 6; i++) {
      docker.line("line " + i);
      docker.rotate();
    }
    FollowedLog followed = open();
    moveAll(followed);
    assertThat(Files.readAllLines(log))
        .hasSize(5)
        .first()
        .asString()
        .contains("lines may be missing here");
    stop(followed);
  }

  @Test
  void whatWasRotatedAwayIsMarkedOnce() throws Exception {
    FollowedLog followed = open();
    docker.line("read");
    moveAll(followed);
    String read = docker.expected();
    for (int i = 0; i < 8; i++) {
      docker.rotate();
      docker.line("line " + i);
    }
    moveAll(followed);
    String text = Files.readString(log);
    assertThat(text).startsWith(read).contains("F line 3\n").contains("F line 7\n");
    assertThat(text).doesNotContain("F line 0\n");
    assertThat(text.lines().filter(line -> line.contains(MARKED)))
        .singleElement()
        .asString()
        .contains("lines may be missing here: Docker rotated them away");
    assertThat(gaps("rotated")).isEqualTo(1);
    stop(followed);
  }

  private double gaps(String cause) {
    return registry.scrape().stream()
        .flatMap(metric -> metric.getDataPoints().stream())
        .filter(point -> cause.equals(point.getLabels().get("cause")))
        .mapToDouble(point -> ((CounterDataPointSnapshot) point).getValue())
        .sum();
  }

  @Test
  void aTruncatedSourceIsMarkedAndReadFromItsBegin() throws Exception {
    FollowedLog followed = open();
    docker.line("a long line that was read");
    moveAll(followed);
    try (FileChannel source = FileChannel.open(docker.base(), StandardOpenOption.WRITE)) {
      source.truncate(0);
    }
    docker.line("new");
    moveAll(followed);
    assertThat(Files.readAllLines(log))
        .hasSize(3)
        .satisfies(line -> assertThat(line).contains("truncated by somebody"), atIndex(1))
        .satisfies(line -> assertThat(line).endsWith("F new"), atIndex(2));
    stop(followed);
  }

  private static org.assertj.core.data.Index atIndex(int i) {
    return org.assertj.core.data.Index.atIndex(i);
  }

  @Test
  void anOrderlyRestartGoesOnWhereItWas() throws Exception {
    FollowedLog first = open();
    docker.line("one");
    moveAll(first);
    stop(first);
    docker.line("while away");
    docker.rotate();
    docker.line("after the rotation");
    FollowedLog second = open();
    moveAll(second);
    assertThat(log).hasContent(docker.expected());
    stop(second);
  }

  /// Kill -9 after any number of written bytes, at any age of the checkpoint, with rotations:
  /// no line twice, none missing, half a line completed.
  @Test
  void aKillAtAnyByteLosesAndRepeatsNothing() throws Exception {
    Random random = new Random(42);
    for (int round = 0; round < 15; round++) {
      prepareRound(round);
      stop(open());
      FollowedLog followed = open();
      for (int life = 0; life < 4; life++) {
        int lines = random.nextInt(1, 12);
        boolean checkpointed = random.nextBoolean();
        if (checkpointed) {
          moveAll(followed);
          stop(followed);
          followed = open();
        }
        long safe = Files.size(log);
        for (int i = 0; i < lines; i++) {
          docker.line("same text " + "z".repeat(random.nextInt(40)));
          if (random.nextInt(6) == 0) {
            docker.rotate();
            moveAll(followed); // never more than the chain holds
            safe = Math.max(safe, savedLength());
          }
        }
        moveAll(followed);
        safe = Math.max(safe, savedLength());
        cutTo(safe + random.nextLong(Files.size(log) - safe + 1));
        followed = open();
      }
      moveAll(followed);
      assertThat(Files.readString(log)).as("round " + round).isEqualTo(docker.expected());
      stop(followed);
    }
  }

  private void prepareRound(int round) throws IOException {
    log = Files.createDirectories(dir.resolve("pod" + round)).resolve("0.log");
    docker = new DockerFile(Files.createDirectories(dir.resolve("c" + round)).resolve("j.log"), 5);
    checkpoints = new LogCheckpoints(dir.resolve("checkpoints" + round));
  }

  private long savedLength() throws IOException {
    return checkpoints.load("c1").map(LogCheckpoint::length).orElse(0L);
  }

  // The rest of the bytes had not been written when the process was killed.
  private void cutTo(long length) throws IOException {
    cut(log, length);
  }

  private static void cut(Path path, long length) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
      file.truncate(length);
    }
  }

  @Test
  void aKillBetweenRenameAndReopenCompletesTheRenamedFile() throws Exception {
    FollowedLog first = open();
    docker.line("one");
    moveAll(first);
    stop(first);
    FollowedLog killed = open();
    docker.line("half of this line was written");
    moveAll(killed);
    Path renamed = log.resolveSibling("0.log.20261101-100000");
    Files.move(log, renamed);
    String before = docker.expected();
    try (FileChannel file = FileChannel.open(renamed, StandardOpenOption.WRITE)) {
      file.truncate(before.length() - 10);
    }
    docker.line("new");
    FollowedLog second = open();
    moveAll(second);
    assertThat(renamed).hasContent(before);
    assertThat(Files.readString(log)).isEqualTo(docker.expectedFrom(before.length()));
    stop(second);
  }

  @Test
  void aRenamedFileThatWasCompressedCountsAsHeld() throws Exception {
    FollowedLog first = open();
    docker.line("one");
    moveAll(first);
    stop(first);
    Files.delete(log);
    Files.createFile(log.resolveSibling("0.log.20261101-100000.gz"));
    String before = docker.expected();
    docker.line("two");
    FollowedLog second = open();
    moveAll(second);
    assertThat(Files.readString(log)).isEqualTo(docker.expectedFrom(before.length()));
    stop(second);
  }

  @Test
  void aRenamedFileThatWasCompressedBehindTheCheckpointCountsAsHeldByTime() throws Exception {
    stop(open());
    FollowedLog killed = open();
    docker.line("one");
    docker.line("two");
    moveAll(killed);
    String before = docker.expected();
    Path compressed = log.resolveSibling("0.log.20261101-100000.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(compressed))) {
      out.write(Files.readAllBytes(log));
    }
    Files.delete(log);
    docker.line("three");
    FollowedLog second = open();
    moveAll(second);
    assertThat(Files.readString(log)).isEqualTo(docker.expectedFrom(before.length()));
    stop(second);
  }

  /// Docker gives all 16 KiB chunks of a line one time, so whole files can be equal.
  @Test
  void aPlaceInALineOfEqualBytesAcrossRotationsIsFoundAgain() throws Exception {
    FollowedLog killed = open();
    for (int i = 0; i < 4; i++) {
      for (int k = 0; k < 10; k++) {
        docker.chunk("x".repeat(16_384), "2026-11-01T10:00:00.5Z");
      }
      moveAll(killed);
      docker.rotate();
    }
    for (int k = 0; k < 5; k++) {
      docker.chunk("x".repeat(16_384), "2026-11-01T10:00:00.5Z");
    }
    moveAll(killed);
    stop(killed);
    for (int k = 0; k < 5; k++) {
      docker.chunk("x".repeat(16_384), "2026-11-01T10:00:00.5Z");
    }
    docker.line("end");
    FollowedLog second = open();
    moveAll(second);
    assertThat(Files.readString(log)).isEqualTo(docker.expected());
    stop(second);
  }

  @Test
  void aMarkerIsWrittenAgainAsItWas() throws Exception {
    FollowedLog killed = open();
    docker.line("one");
    moveAll(killed);
    stop(killed);
    FollowedLog second = open();
    docker.raw("no record at all\n");
    docker.line("two");
    moveAll(second);
    String text = Files.readString(log);
    FollowedLog third = open(); // the second was killed
    moveAll(third);
    assertThat(Files.readString(log)).isEqualTo(text).contains("damaged record");
    stop(third);
  }

  @Test
  void aReopeningInAReplayComparesOnInTheOldFile() throws Exception {
    stop(open());
    FollowedLog killed = open();
    for (int i = 0; i < 60; i++) {
      docker.line("line " + i + " " + "y".repeat(16_000));
    }
    while (Files.notExists(log) || Files.size(log) < docker.expected().length()) {
      assertThat(killed.turn()).isIn(Outcome.MORE, Outcome.IDLE);
    }
    String before = docker.expected();
    Path renamed = log.resolveSibling("0.log.20261101-100000");
    Files.move(log, renamed);
    cut(renamed, before.length() - 9);
    for (int i = 0; i < 60; i++) {
      docker.line("more " + i + " " + "z".repeat(16_000));
    }
    FollowedLog second = open();
    var reopened = second.reopen();
    assertThat(second.turn()).isEqualTo(Outcome.MORE);
    assertThat(reopened).as("the old file gets what was written before").isNotDone();
    moveAll(second);
    assertThat(reopened).isCompletedWithValue(true);
    assertThat(Files.readString(renamed) + Files.readString(log)).isEqualTo(docker.expected());
    stop(second);
  }

  @Test
  void anotherTextThanTheReplaysIsKeptAndMarked() throws Exception {
    FollowedLog killed = open();
    moveAll(killed);
    docker.line("one");
    moveAll(killed);
    Files.writeString(log, "somebody else's text", StandardOpenOption.TRUNCATE_EXISTING);
    FollowedLog second = open();
    moveAll(second);
    assertThat(Files.readAllLines(log))
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("somebody else's text"),
            line -> assertThat(line).contains("the place in this log was lost"),
            line -> assertThat(line).endsWith("F one"));
    stop(second);
  }

  @Test
  void withoutACheckpointItGoesOnByTime() throws Exception {
    FollowedLog first = open();
    docker.line("one");
    docker.line("two");
    moveAll(first);
    stop(first);
    checkpoints.delete("c1");
    docker.line("three");
    FollowedLog second = open();
    moveAll(second);
    assertThat(log).hasContent(docker.expected());
    stop(second);
  }

  @Test
  void aPositionWhoseFileIsRotatedAwayIsMarked() throws Exception {
    FollowedLog first = open();
    docker.line("one");
    moveAll(first);
    stop(first);
    for (int i = 0; i < 7; i++) {
      docker.rotate();
      docker.line("line " + i);
    }
    FollowedLog second = open();
    moveAll(second);
    assertThat(Files.readAllLines(log))
        .satisfies(line -> assertThat(line).contains("lines may be missing here"), atIndex(1))
        .satisfies(line -> assertThat(line).endsWith("F line 2"), atIndex(2))
        .hasSize(7);
    stop(second);
  }

  @Test
  void reopenSwitchesAndTheOldFileStaysAsItIs() throws Exception {
    FollowedLog followed = open();
    docker.line("one");
    moveAll(followed);
    docker.line("not read yet");
    Path renamed = log.resolveSibling("0.log.20261101-100000");
    Files.move(log, renamed);
    var reopened = followed.reopen();
    moveAll(followed);
    assertThat(reopened).isCompletedWithValue(true);
    assertThat(renamed).hasContent(docker.expected());
    assertThat(log).isEmptyFile();
    String before = docker.expected();
    docker.line("two");
    moveAll(followed);
    assertThat(renamed).hasContent(before);
    assertThat(Files.readString(log)).isEqualTo(docker.expectedFrom(before.length()));
    stop(followed);
  }

  @Test
  void reopenWithoutARenameGoesOnInTheSameFile() throws Exception {
    FollowedLog followed = open();
    docker.line("one");
    moveAll(followed);
    var reopened = followed.reopen();
    docker.line("two");
    moveAll(followed);
    assertThat(reopened).isCompletedWithValue(true);
    assertThat(log).hasContent(docker.expected());
    stop(followed);
  }

  @Test
  void reopenThatCannotMakeTheFileNamesItAndGoesOnInTheOld() throws Exception {
    FollowedLog followed = open();
    moveAll(followed);
    Path renamed = Files.move(log, log.resolveSibling("renamed"));
    Files.createDirectory(log);
    var reopened = followed.reopen();
    assertThat(followed.turn()).isEqualTo(Outcome.FAILED);
    assertThat(reopened)
        .failsWithin(java.time.Duration.ZERO)
        .withThrowableOfType(java.util.concurrent.ExecutionException.class)
        .withMessageContaining("log file " + log);
    docker.line("one");
    moveAll(followed);
    assertThat(renamed).hasContent(docker.expected());
    stop(followed);
  }

  @Test
  void anAdoptedLinkStaysUntilTheFirstReopen() throws Exception {
    docker.line("a long history");
    Files.createSymbolicLink(log, docker.base());
    FollowedLog followed = open();
    docker.line("still the link's");
    moveAll(followed);
    assertThat(log).isSymbolicLink();
    String history = docker.expected();
    var reopened = followed.reopen();
    moveAll(followed);
    assertThat(reopened).isCompletedWithValue(true);
    assertThat(log).isRegularFile().isEmptyFile();
    docker.line("ours");
    moveAll(followed);
    assertThat(Files.readString(log)).isEqualTo(docker.expectedFrom(history.length()));
    stop(followed);
    FollowedLog second = open();
    docker.line("after a restart");
    moveAll(second);
    assertThat(Files.readString(log)).isEqualTo(docker.expectedFrom(history.length()));
    stop(second);
  }

  @Test
  void aDrainIsAnsweredAtTheEndOnly() throws Exception {
    FollowedLog followed = open();
    for (int i = 0; i < 30; i++) {
      docker.line("x".repeat(100_000));
    }
    var drained = followed.drain();
    assertThat(followed.turn()).isEqualTo(Outcome.MORE);
    assertThat(drained).isNotDone();
    moveAll(followed);
    assertThat(drained).isCompletedWithValue(true);
    stop(followed);
  }

  @Test
  void forgettingMovesTheRestAndDropsTheCheckpoint() throws Exception {
    FollowedLog followed = open();
    docker.line("one");
    moveAll(followed);
    assertThat(checkpoints.load("c1")).isPresent();
    docker.line("the container's last words");
    followed.forget();
    assertThat(followed.turn()).isEqualTo(Outcome.CLOSED);
    assertThat(log).hasContent(docker.expected());
    assertThat(checkpoints.load("c1")).isEmpty();
    var late = followed.drain();
    assertThat(followed.turn()).isEqualTo(Outcome.CLOSED);
    assertThat(late).isCompletedWithValue(true);
  }

  @Test
  void anEmptySourceThatComesLater() throws Exception {
    FollowedLog followed = open();
    var drained = followed.drain();
    moveAll(followed);
    assertThat(drained).isCompletedWithValue(true);
    docker.raw("");
    moveAll(followed);
    docker.line("now");
    moveAll(followed);
    assertThat(log).hasContent(docker.expected());
    stop(followed);
  }
}
