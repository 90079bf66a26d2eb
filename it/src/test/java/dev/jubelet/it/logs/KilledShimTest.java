package dev.jubelet.it.logs;

import static dev.jubelet.it.logs.ShimProcess.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.it.Docker;
import dev.jubelet.it.Jubelet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A container writes 1 MB/s while the shim dies again and again and Docker rotates: the log
/// holds every byte once and in order. The container waits when the shim is away for longer
/// than Docker's buffer lasts, so that a slow machine loses nothing either.
class KilledShimTest {
  private static final long BUFFER = 10_000_000;
  private static final double HEADS = 1.034; // of a log line, on 1 byte of text, at most
  private static final int STEP_MILLIS = 250;

  private final Random random = new Random(4);
  private final List<Path> rotated = new ArrayList<>();
  private ShimProcess shim;
  private Numbered numbered;
  private ScheduledExecutorService pace;
  private Path log;
  private String id;

  @BeforeEach
  void writer() throws Exception {
    pace = Executors.newSingleThreadScheduledExecutor();
    shim = new ShimProcess();
    numbered = new Numbered(shim.dir().resolve("ctl"));
    PodSandboxConfig.Builder pod = shim.pod("numbered");
    id = shim.start(shim.run(pod), pod, numbered.container("c"));
    log = Path.of(pod.getLogDirectory()).resolve("c.log");
    var _ = pace.scheduleAtFixedRate(this::step, 0, STEP_MILLIS, TimeUnit.MILLISECONDS);
  }

  @AfterEach
  void end() {
    pace.shutdownNow();
    shim.close();
  }

  private void step() {
    try {
      if ((double) numbered.limit() * Numbered.STEP_BYTES - size() / HEADS < BUFFER) {
        numbered.more(1);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private long size() throws IOException {
    long size = Files.exists(log) ? Files.size(log) : 0;
    synchronized (rotated) {
      for (Path file : rotated) {
        size += Files.size(file);
      }
    }
    return size;
  }

  @Test
  void twentyKillsLoseAndRepeatNothing() throws Exception {
    for (int kill = 0; kill < 20; kill++) {
      if (kill % 5 == 4) {
        killWhileItStarts();
        continue;
      }
      awaitGrowth(kill % 4 == 3 ? 1 : random.nextInt(200_000, 1_200_000));
      shim.kill9();
      shim.start();
    }
    await().atMost(SOON).until(() -> numbered.at() > Numbered.LONG + Numbered.PIECES + 4);
    Path source = Path.of(Docker.inspect(id, "{{.LogPath}}"));
    assertThat(source.resolveSibling(source.getFileName() + ".4"))
        .as("Docker rotated")
        .exists();
    assertComplete();
  }

  private void killWhileItStarts() throws Exception {
    shim.kill9();
    Jubelet next = shim.spawn();
    Thread.sleep(random.nextInt(300, 1500));
    next.kill9();
    shim.start();
  }

  @Test
  void renamesUnderLoadAndKillsBeforeTheReopeningLoseAndRepeatNothing() throws Exception {
    for (int round = 0; round < 6; round++) {
      awaitGrowth(random.nextInt(200_000, 900_000));
      rename(round);
      if (round % 2 == 1) {
        shim.kill9();
        shim.start();
      }
      if (round % 3 != 1) {
        shim.reopen(id);
        assertThat(log).exists();
        long size = Files.size(rotated.getLast());
        awaitGrowth(100_000);
        assertThat(rotated.getLast()).as("is not written any more").hasSize(size);
      }
    }
    assertComplete();
  }

  private void rename(int round) throws IOException {
    Path to = log.resolveSibling("c.log.20261101-10000" + round);
    synchronized (rotated) {
      if (Files.exists(log)) {
        Files.move(log, to);
        rotated.add(to);
      }
    }
  }

  private void awaitGrowth(long bytes) throws IOException {
    long from = size();
    await()
        .atMost(SOON)
        .pollInterval(java.time.Duration.ofMillis(20))
        .untilAsserted(
            () -> assertThat(size()).as("%s", shim).isGreaterThanOrEqualTo(from + bytes));
  }

  private void assertComplete() throws Exception {
    pace.shutdown();
    assertThat(pace.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    numbered.end();
    shim.awaitExit(id);
    List<Path> files = new ArrayList<>(rotated);
    files.add(log);
    await().atMost(SOON).untilAsserted(() -> numbered.assertComplete(files));
  }
}
