package dev.jubelet.dockershim.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.cri.v1.ContainerState;
import dev.jubelet.cri.v1.ContainerStatus;
import dev.jubelet.cri.v1.MountPropagation;
import dev.jubelet.cri.v1.Signal;
import dev.jubelet.dockershim.docker.DockerApi.ContainerInspect;
import dev.jubelet.dockershim.docker.DockerApi.InspectMount;
import dev.jubelet.dockershim.docker.DockerApi.Resources;
import dev.jubelet.dockershim.naming.DockerName;
import dev.jubelet.dockershim.naming.Labels;
import dev.jubelet.dockershim.pods.Member;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ContainerViewTest {
  private static final Instant CREATED = Instant.ofEpochSecond(10, 5);
  private static final Optional<Instant> STARTED = Optional.of(Instant.ofEpochSecond(20));
  private static final Optional<Instant> ENDED = Optional.of(Instant.ofEpochSecond(30));
  private static final Optional<Instant> NEVER = Optional.empty();

  @Test
  void timesThatAreNotYetAreZero() {
    ContainerStatus status = of("created", 0, false, NEVER, NEVER, "");
    assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
    assertThat(status.getCreatedAt()).isEqualTo(10_000_000_005L);
    assertThat(status.getStartedAt()).isZero();
    assertThat(status.getFinishedAt()).isZero();
  }

  @Test
  void runningAndPausedAreRunning() {
    assertThat(of("running", 0, false, STARTED, NEVER, "").getState())
        .isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(of("paused", 0, false, STARTED, NEVER, "").getState())
        .isEqualTo(ContainerState.CONTAINER_RUNNING);
  }

  @Test
  void anEndHasAReason() {
    assertThat(of("exited", 0, false, STARTED, ENDED, "").getReason()).isEqualTo("Completed");
    assertThat(of("exited", 1, false, STARTED, ENDED, "").getReason()).isEqualTo("Error");
    ContainerStatus killed = of("exited", 137, true, STARTED, ENDED, "");
    assertThat(killed.getReason()).isEqualTo("OOMKilled");
    assertThat(killed.getExitCode()).isEqualTo(137);
    assertThat(killed.getFinishedAt()).isEqualTo(30_000_000_000L);
  }

  @Test
  void anEndIsNeverBeforeItsStart() {
    ContainerStatus status = of("exited", 0, false, ENDED, STARTED, "");
    assertThat(status.getFinishedAt()).isEqualTo(status.getStartedAt());
  }

  @Test
  void aStartThatFailedIsAnEnd() {
    ContainerStatus status = of("created", 127, false, NEVER, NEVER, "no such file");
    assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(status.getReason()).isEqualTo("ContainerCannotRun");
    assertThat(status.getMessage()).isEqualTo("no such file");
    assertThat(status.getStartedAt())
        .isEqualTo(status.getFinishedAt())
        .isEqualTo(status.getCreatedAt());
  }

  @Test
  void theStopSignalIsTold() {
    assertThat(of("running", 0, false, STARTED, NEVER, "").getStopSignal())
        .isEqualTo(Signal.SIGQUIT);
  }

  @Test
  void mountsTellTheirPropagation() {
    assertThat(of("running", 0, false, STARTED, NEVER, "").getMountsList())
        .singleElement()
        .satisfies(m -> {
          assertThat(m.getHostPath()).isEqualTo("/h");
          assertThat(m.getReadonly()).isTrue();
          assertThat(m.getPropagation()).isEqualTo(MountPropagation.PROPAGATION_HOST_TO_CONTAINER);
        });
  }

  private static ContainerStatus of(
      String state,
      int exitCode,
      boolean oomKilled,
      Optional<Instant> started,
      Optional<Instant> finished,
      String error) {
    ContainerInspect inspect = new ContainerInspect(
        "id",
        "/k8s_c_p_n_u_0",
        CREATED,
        state,
        state.equals("running"),
        state.equals("paused"),
        oomKilled,
        0,
        exitCode,
        error,
        started,
        finished,
        "image",
        "sha256:1",
        Map.of(),
        "",
        false,
        "",
        "json-file",
        "",
        "",
        "",
        "",
        "",
        0,
        Resources.NONE,
        List.of(new InspectMount("/h", "/c", true, "rslave", "bind")),
        List.of(),
        null,
        0,
        "SIGQUIT");
    return ContainerView.status(new Member(
        DockerName.container("c", "p", "n", "u", 0),
        inspect,
        CREATED,
        Labels.labels(inspect.labels()),
        Labels.annotations(inspect.labels())));
  }
}
