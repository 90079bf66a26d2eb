package dev.jubelet.dockershim.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.EngineInfo;
import dev.jubelet.dockershim.docker.DockerApiOptions;
import dev.jubelet.dockershim.docker.HttpDockerApi;
import dev.jubelet.dockershim.state.EventFedState;
import dev.jubelet.testkit.FakeDocker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedEngineTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final WatchedEngine.Limits NONE = new WatchedEngine.Limits() {
    @Override
    public Optional<String> refusal(EngineInfo info) {
      return Optional.empty();
    }

    @Override
    public Optional<String> oomNote() {
      return Optional.empty();
    }
  };

  @TempDir
  Path dir;

  private Path file() {
    return dir.resolve("engine.json");
  }

  private EngineFacts startedWithoutAnEngine() {
    DockerApi nobody = new HttpDockerApi(
        dir.resolve("none.sock"), DockerApiOptions.timeout(Duration.ofSeconds(1)));
    return new WatchedEngine(nobody, NONE, file()).lastKnown();
  }

  @Test
  void anEngineThatComesBackAsAnotherVersionIsNegotiatedWithAgain() throws Exception {
    try (FakeDocker fake = FakeDocker.start(dir.resolve("docker.sock"));
        HttpDockerApi docker =
            new HttpDockerApi(fake.socket(), DockerApiOptions.timeout(Duration.ofSeconds(20)));
        EventFedState state = new EventFedState(docker)) {
      WatchedEngine engine = new WatchedEngine(docker, NONE, file());
      AtomicInteger taken = new AtomicInteger();
      AtomicReference<String> process = new AtomicReference<>("dockerd 1");
      try (EngineUpkeep _ = new EngineUpkeep(
              state, engine, () -> Optional.of(process.get()), taken::incrementAndGet)
          .start()) {
        await().atMost(SOON).until(() -> taken.get() == 1);
        assertThat(engine.lastKnown().apiVersion()).isEqualTo("1.41");

        fake.down();
        await().atMost(SOON).until(() -> state.outage().isPresent());
        fake.engine().speaks("1.44", "1.47");
        fake.forgetCalls();
        process.set("dockerd 2");
        fake.up();
        await().atMost(SOON).until(() -> taken.get() == 2);
        assertThat(engine.lastKnown().apiVersion()).isEqualTo("1.47");
        assertThat(fake.calls())
            .filteredOn(call -> call.path().equals("/info"))
            .isNotEmpty()
            .allMatch(call -> call.version().equals("1.47"));
      }
    }
    assertThat(startedWithoutAnEngine().apiVersion()).isEqualTo("1.47");
  }

  @Test
  void whatAnotherVersionOfOursKeptIsRead() throws Exception {
    Files.writeString(
        file(),
        "{\"version\":\"26.1\",\"apiVersion\":\"1.45\",\"cgroupDriver\":\"systemd\",\"tomorrow\":{\"a\":1}}");
    EngineFacts facts = startedWithoutAnEngine();
    assertThat(facts.version()).isEqualTo("26.1");
    assertThat(facts.cgroupDriver()).isEqualTo("systemd");
    assertThat(facts.logDriver()).isEqualTo(EngineFacts.UNKNOWN.logDriver());
    assertThat(facts.oomNote()).isEmpty();
  }

  @Test
  void whatIsNoAnswerOfAnEngineIsNotBelieved() throws Exception {
    for (String bad : new String[] {"", "{", "[]", "7", "{\"selinux\":{}}"}) {
      Files.writeString(file(), bad);
      assertThat(startedWithoutAnEngine()).as(bad).isEqualTo(EngineFacts.UNKNOWN);
    }
  }
}
