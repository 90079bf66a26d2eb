package dev.jubelet.dockershim.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.jubelet.dockershim.docker.DockerApi.EngineEvent;
import dev.jubelet.dockershim.docker.DockerApi.ExecStreams;
import dev.jubelet.dockershim.docker.DockerApi.PullProgress;
import dev.jubelet.dockershim.docker.DockerApi.RegistryAuth;
import dev.jubelet.testkit.FakeContainer;
import dev.jubelet.testkit.FakeDocker;
import dev.jubelet.testkit.Fault;
import io.grpc.Context;
import io.grpc.Deadline;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpDockerApiTest {
  private static final Duration SHORT = Duration.ofMillis(100);

  @TempDir
  Path directory;

  private FakeDocker fake;
  private HttpDockerApi docker;

  @BeforeEach
  void start() {
    fake = FakeDocker.start(directory.resolve("docker.sock"));
    fake.engine().addImage("busybox:1", "sha256:" + "1".repeat(64), Map.of());
    docker = api(Duration.ofSeconds(20));
  }

  private HttpDockerApi api(Duration timeout) {
    return new HttpDockerApi(fake.socket(), new DockerApiOptions(timeout, 1 << 20, 4));
  }

  @AfterEach
  void stop() {
    docker.close();
    fake.close();
  }

  @Test
  void aContainersLife() throws Exception {
    String id = docker.createContainer("k8s_a", Containers.of("busybox:1"));
    assertThat(docker.inspectContainer(id).state()).isEqualTo("created");
    docker.startContainer(id);
    docker.startContainer(id);
    var running = docker.inspectContainer(id);
    assertThat(running.running()).isTrue();
    assertThat(running.pid()).isPositive();
    assertThat(running.name()).isEqualTo("k8s_a");
    assertThat(running.startedAt()).isPresent();
    assertThat(running.finishedAt()).isEmpty();
    assertThat(running.ips()).containsExactly("172.17.0.2", "fd00::2");
    docker.stopContainer(id, Duration.ofMillis(1500));
    docker.stopContainer(id, Duration.ZERO);
    assertThat(fake.calls().stream().filter(c -> c.path().endsWith("/stop")))
        .extracting(call -> call.query().get("t"))
        .containsExactly("2", "0");
    assertThat(docker.listContainers(List.of("io.kubernetes.docker.type=container")))
        .singleElement()
        .satisfies(one -> assertThat(one.state()).isEqualTo("exited"));
    assertThat(docker.listContainers(List.of("io.kubernetes.docker.type=podsandbox")))
        .isEmpty();
    docker.removeContainer(id, false);
    assertThatExceptionOfType(DockerException.class)
        .isThrownBy(() -> docker.inspectContainer(id))
        .satisfies(e -> assertThat(e.isNotFound()).isTrue())
        .withMessage("docker inspect_container: No such container: " + id);
  }

  @Test
  void aTakenNameTellsWhoHasIt() throws Exception {
    String id = docker.createContainer("k8s_a", Containers.of("busybox:1"));
    DockerException e = catchThrowableOfType(
        DockerException.class, () -> docker.createContainer("k8s_a", Containers.of("busybox:1")));
    assertThat(e.isConflict()).isTrue();
    assertThat(e.conflictingId()).contains(id);
  }

  @Test
  void aMissingImageIs404() {
    DockerException e = catchThrowableOfType(
        DockerException.class, () -> docker.createContainer("a", Containers.of("nothing:1")));
    assertThat(e.isNotFound()).isTrue();
    assertThat(e).hasMessageContaining("No such image: nothing:1");
  }

  @Test
  void keepsConnectionsAndNegotiatesOnce() throws Exception {
    docker.version();
    docker.info();
    docker.version();
    assertThat(fake.count("GET /_ping")).isEqualTo(1);
    assertThat(fake.calls())
        .extracting(FakeDocker.Call::version)
        .containsExactly("", "1.41", "1.41", "1.41");
  }

  @Test
  void speaksTheNewestThatBothKnow() throws Exception {
    fake.engine().speaks("1.44", "1.99");
    assertThat(docker.version().apiVersion()).isEqualTo("1.56");
  }

  @Test
  void refusesAnEngineThatIsTooOld() {
    fake.engine().speaks("1.12", "1.40");
    assertThatExceptionOfType(DockerException.class)
        .isThrownBy(docker::version)
        .withMessageContaining("1.40")
        .withMessageContaining("20.10");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.43", "1.52"})
  void negotiatesAgainWhenTheEngineBecameAnother(String other) throws Exception {
    fake.engine().speaks("1.24", "1.47");
    docker.version();
    fake.engine().speaks(other, other);
    assertThat(docker.version().apiVersion()).isEqualTo(other);
  }

  @Test
  void negotiatesAgainAfterARestart() throws Exception {
    docker.version();
    fake.down();
    DockerException away = catchThrowableOfType(DockerException.class, docker::version);
    assertThat(away.isUnavailable()).isTrue();
    assertThat(away)
        .hasMessageContaining("cannot connect to the Docker daemon at unix://" + fake.socket());
    fake.engine().speaks("1.44", "1.48");
    fake.up();
    String id = docker.createContainer("k8s_a", Containers.of("busybox:1"));
    assertThat(docker.inspectContainer(id).id()).isEqualTo(id);
    assertThat(fake.calls().getLast().version()).isEqualTo("1.48");
  }

  @Test
  void aKeptConnectionThatTheEngineClosedIsReplaced() throws Exception {
    docker.version();
    fake.cutConnections();
    String id = docker.createContainer("k8s_a", Containers.of("busybox:1"));
    assertThat(docker.inspectContainer(id).name()).isEqualTo("k8s_a");
  }

  @Test
  void aHangingCallEndsAtItsDeadline() {
    fake.fault("GET /containers/.*/json", new Fault.Hang(0));
    try (HttpDockerApi quick = api(SHORT)) {
      DockerException e =
          catchThrowableOfType(DockerException.class, () -> quick.inspectContainer("abc"));
      assertThat(e.isTimeout()).isTrue();
      assertThat(e).hasMessageContaining("operation timeout");
    }
  }

  @Test
  void anAnswerThatStopsInTheMiddleEndsAtItsDeadline() {
    fake.fault("GET /version", new Fault.Hang(150));
    try (HttpDockerApi quick = api(SHORT)) {
      DockerException e = catchThrowableOfType(DockerException.class, quick::version);
      assertThat(e.isTimeout()).isTrue();
    }
  }

  @Test
  void theCallersDeadlineIsNearer() {
    fake.fault("GET /info", new Fault.Hang(0));
    try (var timer = Executors.newSingleThreadScheduledExecutor()) {
      Context caller = Context.current()
          .withDeadline(Deadline.after(SHORT.toMillis(), TimeUnit.MILLISECONDS), timer);
      DockerException e =
          catchThrowableOfType(DockerException.class, () -> caller.call(() -> docker.info()));
      assertThat(e.isTimeout()).isTrue();
    }
  }

  @Test
  void brokenAnswersAreErrors() {
    fake.fault("GET /version", 1, new Fault.Garbage("SSH-2.0-OpenSSH\r\n\r\n"));
    assertThatExceptionOfType(DockerException.class)
        .isThrownBy(docker::version)
        .withMessageContaining("not HTTP");
    fake.fault(
        "GET /version",
        1,
        new Fault.Garbage("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{\"a\":"));
    assertThatExceptionOfType(DockerException.class)
        .isThrownBy(docker::version)
        .withMessageContaining("not JSON");
    fake.fault(
        "GET /version",
        1,
        new Fault.Garbage("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"));
    assertThatExceptionOfType(DockerException.class)
        .isThrownBy(docker::version)
        .withMessageContaining("chunks are malformed");
    fake.fault("GET /version", 1, new Fault.Cut(150));
    assertThatExceptionOfType(DockerException.class)
        .isThrownBy(docker::version)
        .withMessageContaining("closed the connection");
    fake.fault(
        "GET /version",
        1,
        new Fault.Garbage(
            "HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + " ".repeat(1 << 21)));
    assertThatExceptionOfType(DockerException.class)
        .isThrownBy(docker::version)
        .withMessageContaining("longer than");
    fake.fault("GET /version", 1, new Fault.Status(500, "disk is on fire"));
    assertThatExceptionOfType(DockerException.class)
        .isThrownBy(docker::version)
        .withMessage("docker version: disk is on fire")
        .satisfies(e -> assertThat(e.status()).isEqualTo(500));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "../info", "a/json", "a?force=1", "a b", "a\r\nX: y"})
  void whatCannotBeAnIdIsNotAskedFor(String id) {
    assertThatExceptionOfType(DockerException.class)
        .isThrownBy(() -> docker.removeContainer(id, true))
        .satisfies(e -> assertThat(e.isNotFound()).isTrue());
    assertThatExceptionOfType(DockerException.class)
        .isThrownBy(() -> docker.inspectImage(id + "//x"))
        .satisfies(e -> assertThat(e.status()).isEqualTo(400));
    assertThat(fake.calls()).isEmpty();
  }

  @Test
  void execStreamsAreSplitAndTheExitIsTold() throws Exception {
    String exec = docker.createExec(running().id, List.of("echo", "x"), false, false);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (ExecStreams streams = docker.startExec(exec, false)) {
      streams.copyOutput(out, err);
    }
    assertThat(out.toString(UTF_8)).isEqualTo("echo x\n");
    assertThat(err.toString(UTF_8)).isEqualTo("done\n");
    String failing = docker.createExec(running().id, List.of("false"), false, false);
    try (ExecStreams streams = docker.startExec(failing, false)) {
      streams.copyOutput(out, err);
    }
    assertThat(docker.inspectExec(failing).exitCode()).isEqualTo(1);
    assertThat(docker.inspectExec(failing).pid()).isPositive();
  }

  @Test
  void closingStdinLetsCatEnd() throws Exception {
    String exec = docker.createExec(running().id, List.of("cat"), true, true);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ExecStreams streams = docker.startExec(exec, true)) {
      streams.stdin().write("hello".getBytes(UTF_8));
      streams.stdin().close();
      streams.copyOutput(out, out);
    }
    assertThat(out.toString(UTF_8)).isEqualTo("hello");
  }

  private FakeContainer running() {
    FakeContainer container = fake.engine().create("k8s_r", "busybox:1", Map.of());
    fake.engine().start(container.id);
    return container;
  }

  @Test
  void pullsWithCredentials() throws Exception {
    fake.engine().publish("reg.example/a/b:2", "sha256:" + "2".repeat(64));
    List<PullProgress> seen = new ArrayList<>();
    docker.pullImage(
        "reg.example/a/b:2",
        Optional.of(new RegistryAuth("u", "p?~", "reg.example", "", "")),
        Duration.ofSeconds(5),
        seen::add);
    assertThat(seen).contains(new PullProgress("a1", "Downloading", 5, 10));
    String header = fake.calls().getLast().headers().get("x-registry-auth");
    assertThat(new String(Base64.getUrlDecoder().decode(header), UTF_8))
        .isEqualTo("{\"username\":\"u\",\"password\":\"p?~\",\"serveraddress\":\"reg.example\"}");
    assertThat(docker.inspectImage("reg.example/a/b:2").orElseThrow().user()).isEqualTo("1002:5");
    assertThat(docker.listImages(Optional.empty(), true))
        .allSatisfy(image -> assertThat(image.repoDigests()).isEmpty());
  }

  @Test
  void aPullWithoutProgressEndsAndNamesTheImage() {
    fake.engine().publish("slow:latest", "sha256:" + "3".repeat(64));
    fake.fault("POST /images/create", new Fault.Hang(250));
    DockerException e = catchThrowableOfType(
        DockerException.class,
        () -> docker.pullImage("slow", Optional.empty(), SHORT, progress -> {}));
    assertThat(e.status()).isEqualTo(504);
    assertThat(e).hasMessageContaining("slow").hasMessageContaining("no progress");
  }

  @Test
  void aPullThatFailsHalfwayIsAnError() {
    String chunk = "{\"errorDetail\":{\"code\":503,\"message\":\"toomanyrequests\"},"
        + "\"error\":\"toomanyrequests\"}\n";
    fake.fault(
        "POST /images/create",
        new Fault.Garbage("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + Integer.toHexString(chunk.length()) + "\r\n" + chunk + "\r\n0\r\n\r\n"));
    DockerException e = catchThrowableOfType(
        DockerException.class,
        () -> docker.pullImage("x", Optional.empty(), Duration.ofSeconds(5), progress -> {}));
    assertThat(e.status()).isEqualTo(503);
    assertThat(e).hasMessage("docker pull_image: toomanyrequests");
  }

  @Test
  void interruptionEndsAPull() throws Exception {
    fake.fault("POST /images/create", new Fault.Hang(0));
    AtomicReference<Throwable> end = new AtomicReference<>();
    Thread pull = Thread.ofVirtual().start(() -> {
      try {
        docker.pullImage("x", Optional.empty(), Duration.ofMinutes(1), progress -> {});
      } catch (DockerException | InterruptedException e) {
        end.set(e);
      }
    });
    Awaitility.await().until(() -> fake.count("POST /images/create") == 1);
    pull.interrupt();
    pull.join();
    assertThat(end.get()).isInstanceOf(InterruptedException.class);
  }

  @Test
  void eventsFlowUntilTheConnectionEnds() throws Exception {
    BlockingQueue<EngineEvent> events = new LinkedBlockingQueue<>();
    CountDownLatch connected = new CountDownLatch(1);
    AtomicReference<Throwable> end = new AtomicReference<>();
    Thread reader = Thread.ofVirtual().start(() -> {
      try {
        docker.events(Instant.now(), connected::countDown, events::add);
      } catch (DockerException | InterruptedException e) {
        end.set(e);
      }
    });
    connected.await();
    FakeContainer made = fake.engine().create("k8s_e", "busybox:1", Map.of("a", "b"));
    EngineEvent event = events.take();
    assertThat(event.action()).isEqualTo("create");
    assertThat(event.id()).isEqualTo(made.id);
    assertThat(event.attributes()).containsEntry("name", "k8s_e").containsEntry("a", "b");
    assertThat(event.time()).isBetween(Instant.now().minusSeconds(5), Instant.now());
    fake.cutConnections();
    reader.join();
    assertThat(end.get()).isInstanceOf(DockerException.class);
  }

  @Test
  void loadsATar() throws Exception {
    docker.loadImage(new ByteArrayInputStream("tar".repeat(50_000).getBytes(UTF_8)));
    assertThat(fake.calls().getLast().body()).hasSize(150_000);
  }

  @Test
  void tellsTheContainerdImageStore() throws Exception {
    assertThat(docker.info().containerdImageStore()).isTrue();
    assertThat(docker.info().runtimes()).containsExactly("crun", "runc");
  }
}
