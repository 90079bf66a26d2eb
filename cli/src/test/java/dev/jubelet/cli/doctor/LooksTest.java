package dev.jubelet.cli.doctor;

import static dev.jubelet.cli.doctor.SeenFixture.PLACE;
import static dev.jubelet.cli.doctor.SeenFixture.id;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class LooksTest {
  private final List<String> looks = new ArrayList<>();

  @Test
  void aTidyMachineIsLookedAtOnce() throws Exception {
    assertThat(findings(look -> look)).isEmpty();
    assertThat(looks).hasSize(1);
  }

  @Test
  void whatAComingPodShowsForAMomentIsNoLeak() throws Exception {
    // Its directory, long before its turn comes; meanwhile others begin.
    assertThat(findings(machine -> {
          int nth = looks.size();
          machine.pods.add("uid-3");
          if (nth > 4) {
            machine.pod("3");
          }
          for (int k = 0; k < Math.min(nth, 5); k++) {
            machine.add(id("f" + k), "busy" + k, "running", "bridge", java.util.Map.of());
          }
          return machine;
        }))
        .noneMatch(Finding::trouble);
  }

  @Test
  void whatStaysIsALeakOnceTheMachineIsStill() throws Exception {
    assertThat(findings(machine -> {
          machine.pods.add("uid-9");
          if (looks.size() == 1) {
            machine.pods.add("uid-8");
          }
          return machine;
        }))
        .extracting(Finding::name)
        .containsExactly(PLACE.pods().resolve("uid-9").toString());
    assertThat(looks).hasSize(5);
  }

  @Test
  void patienceEndsOnAMachineThatIsNeverStill() throws Exception {
    assertThat(findings(machine -> {
          machine.pods.add("uid-9");
          machine.state(id("1b"), looks.size() % 2 == 0 ? "running" : "exited");
          return machine;
        }))
        .hasSize(1);
    assertThat(looks).hasSize(21);
  }

  private List<Finding> findings(UnaryOperator<SeenFixture> at) throws Exception {
    Looks.Look look = () -> {
      looks.add("look");
      return at.apply(new SeenFixture().pod("1")).seen();
    };
    Given given = new Given(false, "", Path.of("/var/run/docker.sock"));
    Looks.Pause pause = () -> Duration.ofSeconds(1);
    return new Looks(look, given, pause, Duration.ofSeconds(20)).findings().findings();
  }
}
