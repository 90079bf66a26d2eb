package dev.jubelet.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.testkit.FakeCri;
import dev.jubelet.trace.local.v1.EventLine;
import dev.jubelet.trace.local.v1.PodRef;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The runtime's stamps and the agent's clock are an hour apart, as after somebody set the host's
/// clock: back-off keeps its pace, and the newest instance stays the newest.
class ClockTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir
  Path temp;

  private AgentFixture agent() throws Exception {
    FakeCri cri = FakeCri.start(temp.resolve("cri.sock"));
    cri.addImage("busybox:1");
    return new AgentFixture(temp, cri, """
        crashLoopBackOff: {maxContainerRestartPeriod: 1s}
        """);
  }

  private static void until(Callable<Boolean> condition) {
    await().atMost(SOON).pollInterval(Duration.ofMillis(10)).until(condition);
  }

  private static boolean runs(AgentFixture agent, int instance) {
    return agent.cri.created("web") == instance && agent.cri.running().size() == 1;
  }

  private static boolean told(AgentFixture agent, String reason) {
    return agent
        .client()
        .within(SOON)
        .why(PodRef.newBuilder().setPod("one").build())
        .getEventsList()
        .stream()
        .map(EventLine::getReason)
        .anyMatch(reason::equals);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1})
  void aCrashLoopKeepsItsPaceAndItsNewestInstance(int hours) throws Exception {
    try (AgentFixture agent = agent()) {
      agent.manifest("one", "containers: [{name: web, image: 'busybox:1'}]");
      until(() -> runs(agent, 1));
      agent.cri.clockAhead(Duration.ofHours(hours));
      agent.cri.exit("web", 1);
      until(() -> runs(agent, 2));
      assertThat(told(agent, "BackOff")).as("the first restart is at once").isFalse();
      agent.cri.exit("web", 1);
      until(() -> told(agent, "BackOff"));
      until(() -> runs(agent, 3));
      agent.cri.clockAhead(Duration.ZERO);
      agent.cri.exit("web", 1);
      until(() -> runs(agent, 4));
      assertThat(agent.phase("one")).isEqualTo("Running");
    }
  }

  @Test
  void aClockSetBackStopsAndRemovesAPodInTime() throws Exception {
    try (AgentFixture agent = agent()) {
      agent.manifest("one", """
          terminationGracePeriodSeconds: 3600
          containers: [{name: web, image: 'busybox:1'}]
          """);
      until(() -> runs(agent, 1));
      agent.cri.clockAhead(Duration.ofHours(-1));
      agent.removeManifest("one");
      until(() -> agent.cri.objects() == 0 && agent.pods().isEmpty());
    }
  }
}
