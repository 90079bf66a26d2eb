package dev.jubelet.dockershim.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.jubelet.dockershim.docker.DockerApiOptions;
import dev.jubelet.dockershim.docker.HttpDockerApi;
import dev.jubelet.dockershim.log.LogOrigin.JsonFile;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The threads, on real files.
class FollowedLogsTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir
  Path dir;

  private FollowedLogs logs;

  @BeforeEach
  void start() throws Exception {
    logs = open();
  }

  private FollowedLogs open() throws IOException {
    HttpDockerApi noEngine = new HttpDockerApi(dir.resolve("no.sock"), DockerApiOptions.DEFAULTS);
    return new FollowedLogs(noEngine, dir.resolve("checkpoints"), new PrometheusRegistry());
  }

  @AfterEach
  void stop() {
    logs.close();
  }

  private DockerFile docker(String id) throws IOException {
    return new DockerFile(Files.createDirectories(dir.resolve(id)).resolve(id + "-json.log"), 5);
  }

  private Path log(String id) throws IOException {
    return Files.createDirectories(dir.resolve("pods")).resolve(id + ".log");
  }

  private DockerFile follow(String id) throws IOException {
    DockerFile docker = docker(id);
    logs.follow(id, new JsonFile(docker.base()), log(id));
    return docker;
  }

  @Test
  void theFileExistsWhenFollowReturnsAndLinesArriveByThemselves() throws Exception {
    DockerFile docker = follow("c1");
    assertThat(log("c1")).exists();
    for (int i = 0; i < 3; i++) {
      docker.line("line " + i);
      await().untilAsserted(() -> assertThat(log("c1")).hasContent(docker.expected()));
      docker.rotate();
    }
  }

  @Test
  void followingTwiceChangesNothing() throws Exception {
    DockerFile docker = follow("c1");
    docker.line("one");
    follow("c1");
    assertThat(logs.drain("c1", LONG)).isTrue();
    assertThat(log("c1")).hasContent(docker.expected());
  }

  @Test
  void aMissingLogDirectoryIsNamed() throws Exception {
    Path nowhere = dir.resolve("nowhere/0.log");
    assertThatThrownBy(() -> logs.follow("c1", new JsonFile(docker("c1").base()), nowhere))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(nowhere.toString());
  }

  @Test
  void drainReturnsAtTheEnd() throws Exception {
    DockerFile docker = follow("c1");
    for (int i = 0; i < 1000; i++) {
      docker.line("line " + i);
    }
    assertThat(logs.drain("c1", LONG)).isTrue();
    assertThat(log("c1")).hasContent(docker.expected());
    assertThat(logs.drain("unknown", LONG)).as("nothing to wait for").isTrue();
  }

  @Test
  void reopenAnswersAfterTheSwitch() throws Exception {
    DockerFile docker = follow("c1");
    docker.line("one");
    Path renamed = dir.resolve("pods/c1.log.20261101-100000");
    Files.move(log("c1"), renamed);
    logs.reopen("c1", LONG);
    assertThat(log("c1")).exists();
    assertThat(renamed).hasContent(docker.expected());
    assertThatThrownBy(() -> logs.reopen("unknown", LONG)).hasMessageContaining("not followed");
  }

  @Test
  void anAdoptedLogBeginsAtItsFirstReopen() throws Exception {
    DockerFile docker = docker("c1");
    docker.line("a long history");
    Path renamed = dir.resolve("pods/c1.log.20261101-100000");
    Files.createDirectories(renamed.getParent());
    Files.createSymbolicLink(renamed, docker.base());
    assertThat(logs.follows("c1")).isFalse();
    logs.adopt("c1", new JsonFile(docker.base()), log("c1"));
    assertThat(log("c1")).as("not before the reopening").doesNotExist();
    int history = docker.expected().length();
    logs.reopen("c1", LONG);
    assertThat(log("c1")).isRegularFile().isEmptyFile();
    docker.line("ours");
    assertThat(logs.drain("c1", LONG)).isTrue();
    assertThat(Files.readString(log("c1"))).isEqualTo(docker.expectedFrom(history));
    logs.close();
    logs = open();
    assertThat(logs.follows("c1")).as("by its checkpoint").isTrue();
    assertThat(renamed).isSymbolicLink();
  }

  @Test
  void aRestartGoesOn() throws Exception {
    DockerFile docker = follow("c1");
    docker.line("one");
    assertThat(logs.drain("c1", LONG)).isTrue();
    logs.close();
    docker.line("while away");
    logs = open();
    logs.follow("c1", new JsonFile(docker.base()), log("c1"));
    assertThat(logs.drain("c1", LONG)).isTrue();
    assertThat(log("c1")).hasContent(docker.expected());
  }

  @Test
  void forgettingLeavesNothing() throws Exception {
    DockerFile docker = follow("c1");
    docker.line("one");
    assertThat(logs.drain("c1", LONG)).isTrue();
    docker.line("last");
    long open = openFiles();
    logs.forget("c1");
    logs.forget("c1");
    await().untilAsserted(() -> assertThat(log("c1")).hasContent(docker.expected()));
    await().untilAsserted(() -> assertThat(dir.resolve("checkpoints")).isEmptyDirectory());
    await().untilAsserted(() -> assertThat(openFiles()).isLessThan(open));
  }

  @Test
  void checkpointsOfLostContainersAreDeleted() throws Exception {
    follow("c1");
    follow("c2");
    assertThat(logs.drain("c1", LONG) && logs.drain("c2", LONG)).isTrue();
    logs.retain(Set.of("c2"));
    assertThat(logs.follows("c1")).as("while it is followed").isTrue();
    logs.close();
    logs = open();
    logs.retain(Set.of("c2"));
    assertThat(dir.resolve("checkpoints"))
        .isDirectoryContaining("glob:**c2.log-checkpoint")
        .isDirectoryNotContaining("glob:**c1.log-checkpoint");
  }

  @Test
  void aSourceWhoseDirectoryComesLaterIsPolled() throws Exception {
    Path source = dir.resolve("late/late-json.log");
    logs.follow("late", new JsonFile(source), log("late"));
    DockerFile docker = docker("late");
    docker.line("one");
    await().atMost(LONG).untilAsserted(() -> assertThat(log("late")).hasContent(docker.expected()));
  }

  /// A log file on a disk that hangs: here a pipe that nobody reads.
  @Test
  void aHungLogFileHoldsUpOnlyItsOwn() throws Exception {
    List<DockerFile> hung = new ArrayList<>();
    for (int i = 0; i < 3; i++) { // more than there are threads
      Path pipe = log("hung" + i);
      assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
          .isZero();
      DockerFile docker = docker("hung" + i);
      openLater(docker, pipe, "hung" + i);
      hung.add(docker);
    }
    DockerFile fine = follow("fine");
    for (DockerFile docker : hung) {
      for (int i = 0; i < 40; i++) {
        docker.line("x".repeat(10_000));
      }
    }
    fine.line("not held up");
    assertThat(logs.drain("fine", LONG)).isTrue();
    assertThat(log("fine")).hasContent(fine.expected());
    assertThat(logs.drain("hung0", Duration.ofMillis(50))).isFalse();
    assertThatThrownBy(() -> logs.reopen("hung1", Duration.ofMillis(50)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("was not reopened within 50 ms");
    logs.forget("hung2"); // does not wait
    for (int i = 0; i < 3; i++) {
      empty(log("hung" + i));
    }
  }

  private void openLater(DockerFile docker, Path pipe, String id) throws Exception {
    Thread reader = Thread.ofPlatform().daemon().start(() -> openForReading(pipe));
    logs.follow(id, new JsonFile(docker.base()), pipe);
    reader.join();
  }

  private static final List<AutoCloseable> READERS =
      java.util.Collections.synchronizedList(new ArrayList<>());

  private static void openForReading(Path pipe) {
    try {
      READERS.add(Files.newInputStream(pipe));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void empty(Path pipe) throws Exception {
    assertThat(pipe).exists();
    for (AutoCloseable reader : List.copyOf(READERS)) {
      reader.close(); // the writer gets EPIPE
    }
    READERS.clear();
  }

  private static long openFiles() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }

  @Test
  void manyContainersAtOnce() throws Exception {
    List<DockerFile> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(follow("c" + i));
    }
    for (int round = 0; round < 20; round++) {
      for (DockerFile docker : all) {
        docker.line("round " + round);
      }
    }
    for (int i = 0; i < 50; i++) {
      assertThat(logs.drain("c" + i, LONG)).isTrue();
      assertThat(log("c" + i)).hasContent(all.get(i).expected());
    }
    long mine = Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("log-"))
        .count();
    assertThat(mine).as("threads for all of them").isLessThanOrEqualTo(3);
  }
}
