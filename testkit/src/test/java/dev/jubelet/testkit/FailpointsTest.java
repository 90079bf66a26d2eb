package dev.jubelet.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.jubelet.trace.StepHook.Edge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailpointsTest {
  @TempDir
  private Path dir;

  private Path file;
  private Failpoints points;

  @BeforeEach
  void open() {
    file = dir.resolve("failpoints");
    points = new Failpoints(file);
  }

  private void arm(String... lines) throws IOException {
    Files.write(file, java.util.List.of(lines));
  }

  @Test
  void aLineIsRead() {
    assertThat(Failpoint.parse("shim/create sandbox before kill"))
        .extracting(Failpoint::step, Failpoint::edge, Failpoint::action, Failpoint::nth)
        .containsExactly("shim/create sandbox", Edge.BEFORE, new Failpoint.Action.Kill(), 1);
    assertThat(Failpoint.parse("docker/docker create_container after delay 2s 3"))
        .extracting(Failpoint::edge, Failpoint::action, Failpoint::nth)
        .containsExactly(Edge.AFTER, new Failpoint.Action.Delay(Duration.ofSeconds(2)), 3);
    assertThat(Failpoint.parse("step/x before delay 20ms").action())
        .isEqualTo(new Failpoint.Action.Delay(Duration.ofMillis(20)));
    assertThatThrownBy(() -> Failpoint.parse("shim/create sandbox during kill"))
        .hasMessageContaining("shim/create sandbox during kill");
  }

  @Test
  void nothingHappensAtAStepThatIsNotArmed() throws Exception {
    points.reached("step", "a", Edge.BEFORE);
    arm("step/a after error", "step/b before error");
    points.reached("step", "a", Edge.BEFORE);
    points.reached("step", "a", Edge.BEFORE);
    assertThat(Files.readAllLines(dir.resolve("failpoints.log"))).containsExactly("passed step/a");
  }

  @Test
  void theNthPassageFailsAndNoOther() throws Exception {
    arm("step/a before error 2");
    points.reached("step", "a", Edge.BEFORE);
    assertThatThrownBy(() -> points.reached("step", "a", Edge.BEFORE))
        .hasMessage("failpoint: step/a before error 2");
    points.reached("step", "a", Edge.BEFORE);
    arm();
    points.reached("step", "a", Edge.BEFORE);
    arm("step/a before error 2");
    points.reached("step", "a", Edge.BEFORE);
    assertThatThrownBy(() -> points.reached("step", "a", Edge.BEFORE))
        .as("counted from when the line came")
        .isInstanceOf(Failpoints.FailpointException.class);
    assertThat(Files.readAllLines(dir.resolve("failpoints.log")))
        .containsExactly(
            "passed step/a", "fired step/a before error 2", "fired step/a before error 2");
  }

  @Test
  void oneHangsUntilTheLineIsGoneAndTheNextGoesOn() throws Exception {
    arm("step/a before hang");
    Thread first = Thread.ofVirtual().start(() -> points.reached("step", "a", Edge.BEFORE));
    await()
        .until(() -> Files.exists(dir.resolve("failpoints.log"))
            && Files.readString(dir.resolve("failpoints.log")).contains("fired"));
    points.reached("step", "a", Edge.BEFORE);
    assertThat(first.isAlive()).isTrue();
    arm();
    first.join();
  }
}
