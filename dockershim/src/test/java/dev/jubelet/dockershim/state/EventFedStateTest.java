package dev.jubelet.dockershim.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApiOptions;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.docker.HttpDockerApi;
import dev.jubelet.dockershim.docker.MeasuredDockerApi;
import dev.jubelet.dockershim.state.ContainerState.Change;
import dev.jubelet.dockershim.state.ContainerState.Seen;
import dev.jubelet.dockershim.state.EventFedState.Timing;
import dev.jubelet.testkit.FakeContainer;
import dev.jubelet.testkit.FakeDocker;
import dev.jubelet.testkit.Fault;
import dev.jubelet.trace.Recorder;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFedStateTest {
  private static final Map<String, String> OURS = Map.of("io.kubernetes.docker.type", "container");
  private static final String INSPECT = "GET /containers/[0-9a-f]{64}/json";
  private static final Timing QUIET = new Timing(
      Duration.ofHours(1),
      Duration.ofSeconds(10),
      Duration.ofMillis(300),
      Duration.ofMillis(100),
      Duration.ofMillis(50),
      Duration.ofMillis(10));

  @TempDir
  Path directory;

  private FakeDocker fake;
  private final Recorder traces = new Recorder(1, 1);
  private DockerApi docker;
  private EventFedState state;
  private final List<Change> changes = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() {
    fake = FakeDocker.start(directory.resolve("docker.sock"));
    fake.engine().addImage("busybox:1", "sha256:" + "1".repeat(64), Map.of());
    docker = new MeasuredDockerApi(
        new HttpDockerApi(fake.socket(), new DockerApiOptions(Duration.ofSeconds(20), 1 << 20, 4)),
        traces,
        new PrometheusRegistry());
    state = state(QUIET);
  }

  private static ConditionFactory await() {
    return Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
  }

  private EventFedState state(Timing timing) {
    EventFedState made = new EventFedState(docker, timing);
    made.onChange(changes::add);
    await().until(made::proven);
    return made;
  }

  @AfterEach
  void stop() {
    state.close();
    docker.close();
    traces.close();
    fake.close();
  }

  private FakeContainer running(String name) {
    FakeContainer made = seen(name);
    settle();
    return made;
  }

  private FakeContainer seen(String name) {
    FakeContainer made = fake.engine().create(name, "busybox:1", OURS);
    fake.engine().start(made.id);
    await().until(() -> listed(made.id).map(s -> s.inspect().running()).orElse(false));
    return made;
  }

  /// Waits until nothing is asked any more.
  private void settle() {
    await()
        .during(Duration.ofMillis(60))
        .until(() -> fake.calls().size(), new org.hamcrest.CustomMatcher<Integer>("unchanged") {
          private int last = -1;

          @Override
          public boolean matches(Object size) {
            boolean same = size.equals(last);
            last = (Integer) size;
            return same;
          }
        });
    fake.forgetCalls();
  }

  private Optional<Seen> listed(String id) throws DockerException {
    return state.list().stream().filter(s -> s.inspect().id().equals(id)).findFirst();
  }

  @Test
  void readsCostNothingWhileNothingHappens() throws Exception {
    FakeContainer a = running("k8s_a");
    for (int i = 0; i < 100; i++) {
      assertThat(state.get(a.id)).isPresent();
      assertThat(state.list()).hasSize(1);
    }
    assertThat(fake.calls()).isEmpty();
  }

  @Test
  void foreignContainersAreNotKept() throws Exception {
    FakeContainer other = fake.engine().create("plain", "busybox:1", Map.of());
    fake.engine().start(other.id);
    FakeContainer named = fake.engine().create("k8s_POD_x_y_z_0", "busybox:1", Map.of());
    await().until(() -> listed(named.id).isPresent());
    assertThat(state.list()).hasSize(1);
    assertThat(fake.count("GET /containers/" + other.id + "/json")).isZero();
  }

  @Test
  void aContainerTakenOffANetworkIsInspected() throws Exception {
    FakeContainer a = running("k8s_a");
    long before = fake.count(INSPECT);
    fake.engine().sendDisconnect(a.id);
    await().until(() -> fake.count(INSPECT) == before + 1);
  }

  @Test
  void anOutOfMemoryKillThatTheEngineForgotIsKept() throws Exception {
    FakeContainer a = running("k8s_a");
    FakeContainer b = running("k8s_b");
    fake.engine().die(a.id, 137);
    await().until(() -> listed(a.id).orElseThrow().inspect().exitCode() == 137);
    fake.engine().sendOom(a.id);
    await().until(() -> listed(a.id).orElseThrow().inspect().oomKilled());
    Change told = changes.getLast();
    assertThat(told.before().orElseThrow().inspect().oomKilled()).isFalse();
    assertThat(told.after().orElseThrow().inspect().oomKilled()).isTrue();

    fake.engine().sendOom(b.id);
    fake.engine().die(b.id, 1);
    await().until(() -> listed(b.id).orElseThrow().inspect().exitCode() == 1);
    assertThat(listed(b.id).orElseThrow().inspect().oomKilled())
        .as("another process than its first was killed")
        .isFalse();
  }

  @Test
  void anOutOfMemoryKillThatTheKernelToldIsKept() throws Exception {
    FakeContainer a = running("k8s_a");
    FakeContainer b = running("k8s_b");
    state.outOfMemory(a.id);
    state.outOfMemory(listed(b.id).orElseThrow().inspect().pid());
    state.outOfMemory("f".repeat(64));
    state.outOfMemory(1);
    for (FakeContainer killed : List.of(a, b)) {
      assertThat(listed(killed.id).orElseThrow().inspect().oomKilled()).isFalse();
      fake.engine().die(killed.id, 137);
      await().until(() -> listed(killed.id).orElseThrow().inspect().oomKilled());
    }
    FakeContainer other = running("k8s_c");
    fake.engine().die(other.id, 137);
    await().until(() -> listed(other.id).orElseThrow().inspect().exitCode() == 137);
    assertThat(listed(other.id).orElseThrow().inspect().oomKilled()).isFalse();
  }

  @Test
  void anEventIsInspectedAndTold() throws Exception {
    FakeContainer a = running("k8s_a");
    fake.engine().die(a.id, 3);
    await().until(() -> listed(a.id).orElseThrow().inspect().exitCode() == 3);
    fake.engine().remove(a.id);
    await().until(() -> state.list().isEmpty());
    await().until(() -> changes.size() >= 3 && changes.getLast().after().isEmpty());
    assertThat(changes.getFirst().before()).isEmpty();
    assertThat(changes).allSatisfy(change -> assertThat(change.id()).isEqualTo(a.id));
  }

  @Test
  void repeatedAndOldEventsCostNoInspect() throws Exception {
    fake.engine().repeatEvents(5);
    FakeContainer a = running("k8s_a");
    fake.engine().sendEvent(a.id, "die", Instant.now().minusSeconds(60));
    FakeContainer b = running("k8s_b");
    assertThat(state.get(a.id).orElseThrow().inspect().running()).isTrue();
    assertThat(fake.count("GET /containers/" + a.id + "/json")).isZero();
    assertThat(state.get(b.id)).isPresent();
  }

  @Test
  void createdIsKnownAtOnceWithoutAnInspect() throws Exception {
    fake.engine().muteEvents(true);
    FakeContainer a = fake.engine().create("k8s_a", "busybox:1", OURS);
    var inspect = docker.inspectContainer(a.id);
    fake.forgetCalls();
    state.created(inspect);
    fake.engine().muteEvents(false);
    assertThat(state.get(a.id).orElseThrow().inspect()).isEqualTo(inspect);
    fake.engine().sendEvent(a.id, "create", Instant.now().minusSeconds(1));
    settle();
    assertThat(listed(a.id)).isPresent();
    assertThat(fake.count(INSPECT)).isZero();
  }

  @Test
  void aReadAfterAWriteSeesIt() throws Exception {
    FakeContainer a = running("k8s_a");
    fake.engine().muteEvents(true);
    fake.fault(INSPECT, new Fault.Delay(Duration.ofMillis(20)));
    for (int code = 1; code < 5; code++) {
      fake.engine().die(a.id, code);
      state.wrote(a.id);
      assertThat(state.get(a.id).orElseThrow().inspect().exitCode()).isEqualTo(code);
      fake.engine().die(a.id, code + 10);
      state.wrote(a.id);
      assertThat(listed(a.id).orElseThrow().inspect().exitCode()).isEqualTo(code + 10);
    }
  }

  @Test
  void aLostEventIsFoundByTheAudit() {
    state.close();
    state = state(new Timing(
        Duration.ofMillis(50),
        QUIET.proof(),
        QUIET.read(),
        QUIET.list(),
        QUIET.creation(),
        QUIET.retry()));
    FakeContainer a = seen("k8s_a");
    FakeContainer b = seen("k8s_b");
    fake.engine().muteEvents(true);
    fake.engine().die(a.id, 9);
    fake.engine().remove(b.id);
    FakeContainer c = fake.engine().create("k8s_c", "busybox:1", OURS);
    await().until(() -> listed(a.id).orElseThrow().inspect().exitCode() == 9);
    await().until(() -> listed(b.id).isEmpty() && listed(c.id).isPresent());
  }

  @Test
  void aGapOfTheStreamIsHealedByTheListAfterIt() throws Exception {
    FakeContainer a = running("k8s_a");
    fake.engine().muteEvents(true);
    fake.engine().die(a.id, 4);
    fake.cutConnections();
    await().until(() -> fake.count("GET /events") >= 1);
    await().until(() -> state.proven() && listed(a.id).orElseThrow().inspect().exitCode() == 4);
    assertThat(fake.count("GET /containers/json")).isPositive();
  }

  @Test
  void oneHangingInspectBlocksOnlyItsContainer() throws Exception {
    FakeContainer a = running("k8s_a");
    FakeContainer b = running("k8s_b");
    fake.fault("GET /containers/" + a.id + "/json", new Fault.Hang(0));
    fake.engine().die(a.id, 1);
    fake.engine().die(b.id, 2);
    await().until(() -> state.get(b.id).orElseThrow().inspect().exitCode() == 2);
    await().until(() -> fake.count("GET /containers/" + a.id + "/json") == 1);
    DockerException e = catchThrowableOfType(DockerException.class, () -> state.get(a.id));
    assertThat(e.isTimeout()).isTrue();
    assertThat(e).hasMessageContaining(a.id);
    assertThat(state.list()).hasSize(2);
    assertThat(state.proven()).isTrue();
    assertThat(state.outage()).isEmpty();
    assertThat(fake.count("GET /containers/" + a.id + "/json")).isEqualTo(1);
    fake.heal();
    await().until(() -> state.get(a.id).orElseThrow().inspect().exitCode() == 1);
  }

  @Test
  void aFailedInspectIsTriedAgain() {
    FakeContainer a = running("k8s_a");
    fake.fault("GET /containers/" + a.id + "/json", 2, new Fault.Status(500, "not now"));
    fake.engine().die(a.id, 6);
    await().until(() -> changes.getLast().after().orElseThrow().inspect().exitCode() == 6);
    assertThat(fake.count("GET /containers/" + a.id + "/json")).isEqualTo(3);
  }

  @Test
  void withoutTheEngineReadsFailWithItsErrorAndTheOutageIsKnown() throws Exception {
    FakeContainer a = running("k8s_a");
    fake.down();
    await().until(() -> state.outage().isPresent());
    assertThat(state.outage().orElseThrow().message()).contains("Is the docker daemon running");
    assertThat(state.proven()).isFalse();
    assertThat(
            catchThrowableOfType(DockerException.class, () -> state.get(a.id)).isUnavailable())
        .isTrue();
    assertThat(catchThrowableOfType(DockerException.class, state::list).isUnavailable())
        .isTrue();
    fake.engine().die(a.id, 8);
    fake.up();
    await().until(() -> state.proven() && state.outage().isEmpty());
    assertThat(state.get(a.id).orElseThrow().inspect().exitCode()).isEqualTo(8);
  }

  @Test
  void withoutEventsReadsGoToTheEngine() throws Exception {
    FakeContainer a = running("k8s_a");
    fake.fault("GET /events", new Fault.Status(500, "no events today"));
    fake.cutConnections();
    await().until(() -> !state.proven());
    fake.engine().die(a.id, 5);
    assertThat(state.get(a.id).orElseThrow().inspect().exitCode()).isEqualTo(5);
    fake.engine().start(a.id);
    assertThat(listed(a.id).orElseThrow().inspect().running()).isTrue();
  }

  @Test
  void aHangingEngineIsNoticedByTheCanary() throws Exception {
    state.close();
    state = state(new Timing(
        QUIET.audit(),
        Duration.ofMillis(100),
        QUIET.read(),
        QUIET.list(),
        QUIET.creation(),
        QUIET.retry()));
    assertThat(state.proven()).isTrue();
    fake.fault("GET /containers/jubelet-canary/json", new Fault.Hang(0));
    await().until(() -> state.outage().isPresent());
    assertThat(state.outage().orElseThrow().message())
        .contains("no answer")
        .containsPattern(
            "the oldest call, inspect_container jubelet-canary, has waited for \\d+ s");
    assertThat(state.proven()).isFalse();
    fake.heal();
    await().until(state::proven);
  }

  @Test
  void awaitWaitsForTheState() throws Exception {
    FakeContainer a = running("k8s_a");
    Thread later = Thread.ofVirtual().start(() -> fake.engine().die(a.id, 7));
    Optional<Seen> seen = state.await(a.id, s -> !s.inspect().running(), Duration.ofSeconds(10));
    later.join();
    assertThat(seen.orElseThrow().inspect().exitCode()).isEqualTo(7);
    assertThat(state.await(a.id, s -> s.inspect().running(), Duration.ofMillis(20)))
        .map(s -> s.inspect().exitCode())
        .contains(7);
  }

  @Test
  void aShortIdIsLookedUp() throws Exception {
    FakeContainer a = running("k8s_a");
    assertThat(state.get(a.id.substring(0, 12)).orElseThrow().inspect().id()).isEqualTo(a.id);
    assertThat(state.get("0123456789ab")).isEmpty();
    state.wrote(a.id.substring(0, 12));
    settle();
    assertThat(state.list()).hasSize(1);
  }
}
