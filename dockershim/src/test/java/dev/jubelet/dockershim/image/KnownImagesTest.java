package dev.jubelet.dockershim.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.dockershim.docker.DockerApiOptions;
import dev.jubelet.dockershim.docker.HttpDockerApi;
import dev.jubelet.dockershim.state.EventFedState;
import dev.jubelet.testkit.FakeDocker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownImagesTest {
  private static final String ONE = "sha256:" + "1".repeat(64);
  private static final String TWO = "sha256:" + "2".repeat(64);
  private static final String INSPECT = "GET /images/.*/json";

  @TempDir
  Path directory;

  private FakeDocker fake;
  private HttpDockerApi docker;
  private EventFedState state;
  private KnownImages images;

  @BeforeEach
  void start() {
    fake = FakeDocker.start(directory.resolve("docker.sock"));
    docker = new HttpDockerApi(fake.socket(), DockerApiOptions.timeout(Duration.ofSeconds(20)));
    state = new EventFedState(docker);
    images = new KnownImages(docker, state);
    fake.engine().addImage("one:1", ONE, Map.of());
    fake.engine().addImage("two:1", TWO, Map.of());
    await().until(state::proven);
  }

  @AfterEach
  void stop() {
    state.close();
    docker.close();
    fake.close();
  }

  @Test
  void anImageIsAskedForOnceByEachName() throws Exception {
    for (int k = 0; k < 3; k++) {
      assertThat(images.find("one:1").orElseThrow().id()).isEqualTo(ONE);
      assertThat(images.find("two:1").orElseThrow().id()).isEqualTo(TWO);
    }
    assertThat(fake.count(INSPECT)).isEqualTo(2);
  }

  @Test
  void whatTheEngineLacksIsAskedForEachTime() throws Exception {
    assertThat(images.find("none:1")).isEmpty();
    fake.engine().addImage("none:1", ONE, Map.of());
    assertThat(images.find("none:1")).isPresent();
  }

  @Test
  void anEventOfAnImageForgets() throws Exception {
    assertThat(images.find("one:1")).isPresent();
    fake.engine().removeImage("one:1");
    await().untilAsserted(() -> assertThat(images.find("one:1")).isEmpty());
  }

  @Test
  void changesThatWereMissedWhileTheEventsWereAwayAreSeen() throws Exception {
    assertThat(images.find("one:1")).isPresent();
    fake.down();
    await().until(() -> !state.proven());
    fake.engine().muteEvents(true);
    fake.engine().removeImage("one:1");
    fake.up();
    await().until(state::proven);
    assertThat(images.find("one:1")).isEmpty();
  }

  @Test
  void nothingIsBelievedWhileTheEventsAreNotProven() throws Exception {
    assertThat(images.find("one:1")).isPresent();
    fake.fault("GET /events", new dev.jubelet.testkit.Fault.Status(500, "no events"));
    fake.cutConnections();
    await().until(() -> !state.proven());
    fake.forgetCalls();
    assertThat(images.find("one:1")).isPresent();
    assertThat(images.find("one:1")).isPresent();
    assertThat(fake.count(INSPECT)).isEqualTo(2);
  }
}
