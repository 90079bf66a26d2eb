package dev.jubelet.cli.look;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.trace.local.v1.ContainerSummary;
import dev.jubelet.trace.local.v1.EventLine;
import dev.jubelet.trace.local.v1.PodSummary;
import dev.jubelet.trace.local.v1.WhyResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodTextTest {
  private final PodSummary running = PodSummary.newBuilder()
      .setNamespace("default")
      .setName("web")
      .setPhase("Running")
      .addContainers(container("init", "init", "terminated", ""))
      .addContainers(container("a", "regular", "running", ""))
      .addContainers(container("b", "regular", "waiting", "CrashLoopBackOff"))
      .build();

  @Test
  void theReasonOfAWaitingContainerIsTheStatus() {
    assertThat(PodText.status(running)).isEqualTo("CrashLoopBackOff");
    assertThat(PodText.ready(running)).isEqualTo("1/2");
  }

  @Test
  void aStartUnderWayIsThePhase() {
    PodSummary pod = PodSummary.newBuilder()
        .setPhase("Pending")
        .addContainers(container("a", "regular", "waiting", "ContainerCreating"))
        .build();
    assertThat(PodText.status(pod)).isEqualTo("Pending");
  }

  @Test
  void endingComesBeforeAll() {
    assertThat(PodText.status(running.toBuilder().setTerminating(true).build()))
        .isEqualTo("Terminating");
  }

  @ParameterizedTest
  @CsvSource({"-5,0s", "119,119s", "120,2m", "130,2m10s", "3600,60m", "86400,24h", "259200,3d"})
  void agesAreKubectls(long seconds, String text) {
    assertThat(PodText.age(Duration.ofSeconds(seconds))).isEqualTo(text);
  }

  @Test
  void columnsAreAsWideAsTheirWidestCell() {
    assertThat(PsCommand.table(List.of(List.of("A", "B"), List.of("long", "x"))))
        .isEqualTo("A      B\nlong   x\n");
  }

  @Test
  void whySaysAnswerTimesAndEvents() {
    Instant now = Instant.ofEpochSecond(1000);
    String text = WhyCommand.text(
        WhyResponse.newBuilder()
            .setPod(running)
            .setAnswer("container b waits")
            .setSince(990_000_000_000L)
            .setNextTry(1010_000_000_000L)
            .setLastError("exit code 1")
            .addEvents(EventLine.newBuilder()
                .setType("Warning")
                .setReason("BackOff")
                .setCount(3)
                .setLastSeen(995_000_000_000L)
                .setMessage("Back-off restarting"))
            .build(),
        now);
    assertThat(text)
        .startsWith("default/web (CrashLoopBackOff): container b waits\n")
        .contains("10s ago", "in 10s", "exit code 1", "5s (x3)", "BackOff");
  }

  private static ContainerSummary container(String name, String kind, String state, String reason) {
    return ContainerSummary.newBuilder()
        .setName(name)
        .setKind(kind)
        .setState(state)
        .setReason(reason)
        .build();
  }
}
