package dev.jubelet.dockershim.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.log.FollowedLog.Outcome;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A log that is read through the engine, turn by turn; a crash is a [FollowedLog] that is
/// dropped.
class EngineSourceTest {
  private static final Instant BEGIN = Instant.parse("2026-11-01T10:00:00Z");

  @TempDir
  Path dir;

  private final FakeOutput output = new FakeOutput();
  private final LogMetrics metrics = new LogMetrics(new PrometheusRegistry());
  private final List<FollowedLog> opened = new ArrayList<>();
  private Path log;
  private LogCheckpoints checkpoints;

  @BeforeEach
  void prepare() throws Exception {
    log = Files.createDirectories(dir.resolve("pod")).resolve("0.log");
    checkpoints = new LogCheckpoints(dir.resolve("checkpoints"));
  }

  @AfterEach
  void stop() {
    opened.forEach(EngineSourceTest::stop);
  }

  private FollowedLog open() throws IOException {
    FollowedLog followed = FollowedLog.open(route(), checkpoints, metrics);
    followed.begin();
    opened.add(followed);
    return followed;
  }

  private FollowedLog.Route route() {
    return new FollowedLog.Route(
        "c1",
        new LogOrigin.ThroughEngine("fluentd"),
        EngineSource.of(output, "c1", metrics, () -> {}),
        log);
  }

  private static void stop(FollowedLog followed) {
    followed.release();
    while (followed.turn() != Outcome.CLOSED) {
      assertThat(followed).isNotNull();
    }
  }

  private static String time(long millis) {
    return BEGIN.plusMillis(millis).toString();
  }

  private void awaitText(FollowedLog followed, String text) throws IOException {
    await().pollInterval(Duration.ofMillis(2)).untilAsserted(() -> {
      assertThat(followed.turn()).isIn(Outcome.IDLE, Outcome.MORE);
      assertThat(log).hasSize(text.getBytes(StandardCharsets.UTF_8).length);
    });
    assertThat(Files.readString(log)).isEqualTo(text);
  }

  @Test
  void recordsBecomeLines() throws Exception {
    FollowedLog followed = open();
    output.record("2026-11-01T10:00:00.000000005Z", false, "one\n");
    output.record("2026-11-01T10:00:00.100000000Z", true, "two\n");
    awaitText(followed, output.expected());
    assertThat(Files.readString(log)).isEqualTo("""
        2026-11-01T10:00:00.000000005Z stdout F one
        2026-11-01T10:00:00.100Z stderr F two
        """);
  }

  /// Docker's cache of other drivers gives back the end of a long line without its newline.
  @Test
  void onlyAFullChunkGoesOnInTheNextRecord() throws Exception {
    FollowedLog followed = open();
    String chunk = "x".repeat(16_384);
    output.record(time(0), false, chunk);
    output.record(time(0), false, "the end of the line");
    output.record(time(1), false, chunk);
    output.bytes(time(1), false, time(1) + " ");
    awaitText(followed, output.expected() + time(1) + " stdout F \n");
    assertThat(output.expected()).contains(" P xxx", " F the end of the line\n");
  }

  @Test
  void aTimeOfAnotherZoneIsTheSameTime() throws Exception {
    FollowedLog followed = open();
    output.bytes(time(0), false, "2026-11-01T12:00:00.000000000+02:00 one\n");
    awaitText(followed, "2026-11-01T10:00:00Z stdout F one\n");
  }

  @Test
  void aTerminalsLongLineIsCutWhereDockerCutIt() throws Exception {
    FollowedLog followed = open();
    String chunk = "x".repeat(16_384);
    output.bytes(
        time(0),
        false,
        time(0) + " " + chunk + time(0) + " " + chunk + time(0) + " y" + time(5) + " next\n");
    awaitText(
        followed,
        "%1$s stdout P %3$s\n%1$s stdout P %3$s\n%1$s stdout F y\n%2$s stdout F next\n"
            .formatted(time(0), time(5), chunk));
  }

  @Test
  void aRecordWithoutATimeIsLeftOutWithAMarker() throws Exception {
    FollowedLog followed = open();
    output.record(time(0), false, "one\n");
    output.bytes(time(1), false, "no time\n");
    awaitText(
        followed,
        output.expected()
            + time(0)
            + " stderr F [jubelet] a damaged record of 8 bytes is left out here\n");
  }

  @Test
  void nothingIsReadBeforeTheContainerWasStarted() throws Exception {
    output.die(); // as Docker answers for one that was only created
    FollowedLog followed = FollowedLog.open(route(), checkpoints, metrics);
    opened.add(followed);
    var drained = followed.drain();
    assertThat(followed.turn()).isEqualTo(Outcome.IDLE);
    assertThat(drained).isNotDone();
    followed.begin();
    await().until(() -> followed.turn() == Outcome.IDLE && drained.isDone());
  }

  @Test
  void aDrainWaitsForTheEnd() throws Exception {
    FollowedLog followed = open();
    output.record(time(0), false, "one\n");
    var drained = followed.drain();
    awaitText(followed, output.expected());
    assertThat(drained).isNotDone();
    output.record(time(1), false, "last");
    output.die();
    awaitText(followed, output.expected());
    await().until(() -> followed.turn() == Outcome.IDLE && drained.isDone());
    assertThat(drained).isCompletedWithValue(true);
  }

  @Test
  void whatTheEngineDidNotGiveToAFollowerIsReadAfterTheEnd() throws Exception {
    FollowedLog followed = open();
    output.record(time(0), false, "one\n");
    awaitText(followed, output.expected());
    output.dieHidingTheLast(time(1), "the last\n");
    var drained = followed.drain();
    await().until(() -> followed.turn() == Outcome.IDLE && drained.isDone());
    assertThat(log).hasContent(output.expected());
  }

  /// With any number of written bytes, at any age of the checkpoint; times that are equal or a
  /// little out of order.
  @Test
  void aKillAtAnyByteLosesAndRepeatsNothing() throws Exception {
    Random random = new Random(7);
    long millis = 0;
    FollowedLog followed = open();
    for (int life = 0; life < 25; life++) {
      int records = random.nextInt(1, 30);
      for (int i = 0; i < records; i++) {
        millis += random.nextInt(3) == 0 ? 0 : random.nextInt(400);
        long late = random.nextInt(5) == 0 ? 2 : 0;
        output.record(
            time(millis - late),
            random.nextBoolean(),
            "z".repeat(random.nextInt(3) == 0 ? 16_384 : 20)
                + (random.nextInt(9) == 0 ? "" : "\n"));
      }
      awaitText(followed, output.expected());
      long safe = checkpoints.load("c1").map(LogCheckpoint::length).orElse(0L);
      stopReading(followed);
      cutTo(safe + random.nextLong(Files.size(log) - safe + 1));
      followed = open();
    }
    awaitText(followed, output.expected());
    assertThat(checkpoints.load("c1").orElseThrow().since()).as("it moved on").isNotNull();
  }

  // The process was killed: nothing of it goes on, nothing is saved.
  private void stopReading(FollowedLog followed) throws IOException {
    LogCheckpoint saved = checkpoints.load("c1").orElseThrow();
    stop(followed);
    checkpoints.save("c1", saved);
  }

  private void cutTo(long length) throws IOException {
    try (FileChannel file = FileChannel.open(log, StandardOpenOption.WRITE)) {
      file.truncate(length);
    }
  }

  @Test
  void aBrokenConnectionGoesOnWhereItWas() throws Exception {
    FollowedLog followed = open();
    output.record(time(0), false, "one\n");
    awaitText(followed, output.expected());
    output.cut();
    output.record(time(1), false, "two\n");
    awaitText(followed, output.expected());
  }

  @Test
  void aReopeningSwitchesAndARestartComparesInBothFiles() throws Exception {
    FollowedLog followed = open();
    output.record(time(0), false, "one\n");
    awaitText(followed, output.expected());
    Path renamed = Files.move(log, log.resolveSibling("0.log.20261101-100000"));
    var reopened = followed.reopen();
    await().until(() -> followed.turn() == Outcome.IDLE && reopened.isDone());
    String before = output.expected();
    output.record(time(0), false, "two\n");
    awaitText(followed, output.expected().substring(before.length()));
    stopReading(followed);
    FollowedLog second = open();
    output.record(time(3), false, "three\n");
    awaitText(second, output.expected().substring(before.length()));
    assertThat(renamed).hasContent(before);
  }

  @Test
  void whatTheEngineDroppedMeanwhileIsMarked() throws Exception {
    FollowedLog followed = open();
    output.record(time(0), false, "one\n");
    awaitText(followed, output.expected());
    stopReading(followed);
    output.record(time(1), false, "two\n");
    output.record(time(2), false, "three\n");
    output.rotateAway(2);
    FollowedLog second = open();
    await().untilAsserted(() -> {
      assertThat(second.turn()).isEqualTo(Outcome.IDLE);
      assertThat(Files.readAllLines(log))
          .satisfiesExactly(
              line -> assertThat(line).endsWith(" F one"),
              line -> assertThat(line).contains("lines may be missing or repeated here"),
              line -> assertThat(line).endsWith(" F three"));
    });
  }

  @Test
  void aDriverThatCannotBeReadSaysWhyOnce() throws Exception {
    output.refuse(new DockerException(
        "logs", 501, "configured logging driver does not support reading", false));
    FollowedLog followed = open();
    var drained = followed.drain();
    await().until(() -> followed.turn() == Outcome.IDLE && drained.isDone());
    String text = Files.readString(log);
    assertThat(text)
        .contains("stderr F [jubelet] no output is shown")
        .contains("does not support reading");
    stop(followed);
    FollowedLog second = open();
    var again = second.drain();
    await().until(() -> second.turn() == Outcome.IDLE && again.isDone());
    assertThat(log).hasContent(text);
  }

  @Test
  void anAdoptedOneBeginsAtItsFirstReopening() throws Exception {
    output.record("2020-11-01T10:00:00Z", false, "history\n");
    FollowedLog followed = FollowedLog.linked(route(), checkpoints, metrics);
    opened.add(followed);
    followed.begin();
    var reopened = followed.reopen();
    await().until(() -> followed.turn() == Outcome.IDLE && reopened.isDone());
    String future = "2126-11-01T10:00:00Z";
    output.record(future, false, "ours\n");
    awaitText(followed, future + " stdout F ours\n");
    stop(followed);
    FollowedLog second = open();
    output.record(future, false, "and more\n");
    awaitText(second, future + " stdout F ours\n" + future + " stdout F and more\n");
  }

  @Test
  void aDriverThatKeepsNothingSaysSoOnce() throws Exception {
    FollowedLog.Route none =
        new FollowedLog.Route("c1", new LogOrigin.Nowhere("none"), SilentSource.of("none"), log);
    for (int i = 0; i < 3; i++) {
      FollowedLog followed = FollowedLog.open(none, checkpoints, metrics);
      var drained = followed.drain();
      assertThat(followed.turn()).isEqualTo(Outcome.IDLE);
      assertThat(drained).isCompletedWithValue(true);
      stop(followed);
      assertThat(Files.readAllLines(log))
          .singleElement()
          .asString()
          .contains("stderr F [jubelet] no output is shown: the engine's log driver \"none\"");
    }
  }
}
