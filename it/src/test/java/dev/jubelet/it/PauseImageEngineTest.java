package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.dockershim.image.PauseImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The built-in pause image on the real engine.
class PauseImageEngineTest {
  private static final String NAME = "pause-under-test";

  @TempDir
  Path dir;

  @BeforeEach
  void start() throws Exception {
    PauseImage image = new PauseImage();
    Path tar = Files.write(dir.resolve("pause.tar"), image.archive());
    assertThat(Docker.docker("load", "-i", tar.toString())).contains(image.reference());
    Docker.docker(
        "run", "-d", "--name", NAME, "--init=false", "--network", "none", image.reference());
  }

  /// Until its program runs and sleeps: what runc is told before that is lost, whatever the image.
  private static void awaitSleep() throws Exception {
    Path process = Path.of("/proc", Docker.inspect(NAME, "{{.State.Pid}}"));
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> Files.readString(process.resolve("comm")).equals("pause\n")
            && Files.readString(process.resolve("stat")).contains(") S "));
  }

  @AfterEach
  void remove() throws Exception {
    Docker.docker("rm", "-f", NAME);
  }

  @Test
  void reapsTheOrphansOfItsProcessNamespace() throws Exception {
    // The middle shell ends first, so the sleeps become the children of process 1.
    String processes = Docker.docker(
        "run",
        "--rm",
        "--network",
        "none",
        "--pid",
        "container:" + NAME,
        "busybox:test",
        "/bin/sh",
        "-c",
        "sh -c 'sleep 0.2 & sleep 0.3 & sleep 0.2 &'; sleep 1; ps -o pid,stat,comm");

    assertThat(processes).contains("pause").doesNotContain("sleep").doesNotContain(" Z");
  }

  @Test
  void endsAtOnceWhenToldTo() throws Exception {
    awaitSleep();
    Instant before = Instant.now();

    Docker.docker("stop", "-t", "60", NAME);

    assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(30));
    assertThat(Docker.inspect(NAME, "{{.State.ExitCode}}")).isEqualTo("0");
  }
}
