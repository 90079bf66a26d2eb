package dev.jubelet.it.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.dockershim.docker.DockerApiOptions;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.docker.HttpDockerApi;
import dev.jubelet.dockershim.state.ContainerState.Change;
import dev.jubelet.dockershim.state.EventFedState;
import dev.jubelet.it.Engine;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The event-fed state against a real engine: it sees what others do, and our own writes at once.
class StateTest {
  private final HttpDockerApi docker =
      new HttpDockerApi(Engine.socket(), DockerApiOptions.timeout(Duration.ofSeconds(60)));
  private final EventFedState state = new EventFedState(docker);
  private final String name = "k8s_it_" + System.nanoTime();

  @AfterEach
  void clean() throws DockerException {
    state.close();
    try {
      docker.removeContainer(name, true);
    } catch (DockerException e) {
      assertThat(e.isNotFound()).isTrue();
    }
    docker.close();
  }

  @Test
  void followsAContainerThroughItsLife() throws Exception {
    List<Change> changes = new CopyOnWriteArrayList<>();
    await().until(state::proven);
    String id = docker.createContainer(name, Sleepers.of(List.of("sh", "-c", "sleep 1; exit 5")));
    state.wrote(id);
    assertThat(state.get(id).orElseThrow().inspect().state()).isEqualTo("created");
    state.onChange(change -> {
      if (change.id().equals(id)) {
        changes.add(change);
      }
    });
    docker.startContainer(id);
    state.wrote(id);
    assertThat(state.get(id).orElseThrow().inspect().startedAt()).isPresent();
    assertThat(state.list()).anyMatch(seen -> seen.inspect().id().equals(id));
    var ended = state.await(id, seen -> !seen.inspect().running(), Duration.ofSeconds(30));
    assertThat(ended.orElseThrow().inspect().exitCode()).isEqualTo(5);
    docker.removeContainer(id, false);
    state.wrote(id);
    assertThat(state.get(id)).isEmpty();
    await().until(() -> !changes.isEmpty() && changes.getLast().after().isEmpty());
    assertThat(changes)
        .anySatisfy(change ->
            assertThat(change.after().orElseThrow().inspect().startedAt()).isPresent());
  }
}
