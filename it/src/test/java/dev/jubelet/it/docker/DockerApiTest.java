package dev.jubelet.it.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.atIndex;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.jubelet.dockershim.docker.DockerApi.ContainerInspect;
import dev.jubelet.dockershim.docker.DockerApi.EngineInfo;
import dev.jubelet.dockershim.docker.DockerApi.ExecStreams;
import dev.jubelet.dockershim.docker.DockerApi.Mount;
import dev.jubelet.dockershim.docker.DockerApi.Resources;
import dev.jubelet.dockershim.docker.DockerApiOptions;
import dev.jubelet.dockershim.docker.DockerEndpoint;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.docker.EngineProbe;
import dev.jubelet.dockershim.docker.HttpDockerApi;
import dev.jubelet.it.Engine;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DockerApiTest {
  private final HttpDockerApi docker =
      new HttpDockerApi(Engine.socket(), DockerApiOptions.timeout(Duration.ofSeconds(60)));
  private final String name = "k8s_it_" + System.nanoTime();

  @AfterEach
  void clean() throws DockerException {
    try {
      docker.removeContainer(name, true);
    } catch (DockerException e) {
      assertThat(e.isNotFound()).isTrue();
    }
    docker.close();
  }

  private String running(String... command) throws DockerException {
    String id = docker.createContainer(name, Sleepers.of(List.of(command)));
    docker.startContainer(id);
    return id;
  }

  @Test
  void aContainerFromCreateToRemove() throws Exception {
    Mount tmp = new Mount("/tmp", "/mnt", true, false, "rslave", false);
    String id = docker.createContainer(
        name, Sleepers.of(List.of("sh", "-c", "trap exit TERM; sleep 1000 & wait"), tmp));
    docker.startContainer(id);
    docker.startContainer(id);
    ContainerInspect up = docker.inspectContainer(id);
    assertThat(up.running()).isTrue();
    assertThat(up.name()).isEqualTo(name);
    assertThat(up.mounts()).singleElement().satisfies(mount -> {
      assertThat(mount.readOnly()).isTrue();
      assertThat(mount.propagation()).isEqualTo("rslave");
    });
    assertThat(Path.of(up.logPath())).exists();
    assertThat(ProcessHandle.of(up.pid())).isPresent();
    docker.updateContainer(id, new Resources(512, 0, 0, 128L << 20, 128L << 20, "", ""));
    assertThat(docker.inspectContainer(id).resources().memory()).isEqualTo(128L << 20);
    docker.stopContainer(id, Duration.ofSeconds(20));
    docker.stopContainer(id, Duration.ofSeconds(20));
    ContainerInspect down = docker.inspectContainer(id);
    assertThat(down.state()).isEqualTo("exited");
    assertThat(down.finishedAt()).isPresent();
    docker.removeContainer(id, false);
    assertThat(docker.listContainers(List.of())).noneMatch(one -> one.id().equals(id));
  }

  @Test
  void aTakenNameAndAMissingSource() throws Exception {
    String id = docker.createContainer(name, Sleepers.of(List.of("true")));
    DockerException taken = catchThrowableOfType(
        DockerException.class, () -> docker.createContainer(name, Sleepers.of(List.of("true"))));
    assertThat(taken.conflictingId()).contains(id);
    Mount nowhere = new Mount("/nonexistent/x", "/mnt", true, false, "rprivate", false);
    DockerException missing = catchThrowableOfType(
        DockerException.class,
        () -> docker.createContainer(name + "b", Sleepers.of(List.of("true"), nowhere)));
    assertThat(missing).hasMessageContaining("/nonexistent/x");
  }

  @Test
  void execWithStdinHalfClosed() throws Exception {
    String id = running("sleep", "1000");
    String exec =
        docker.createExec(id, List.of("sh", "-c", "cat; echo $GREETING >&2; exit 3"), true, false);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (ExecStreams streams = docker.startExec(exec, false)) {
      streams.stdin().write("in\n".repeat(10_000).getBytes(UTF_8));
      streams.stdin().close();
      streams.copyOutput(out, err);
    }
    assertThat(out.toString(UTF_8)).isEqualTo("in\n".repeat(10_000));
    assertThat(err.toString(UTF_8)).isEqualTo("hello\n");
    assertThat(docker.inspectExec(exec).exitCode()).isEqualTo(3);
    docker.stopContainer(id, Duration.ZERO);
    assertThat(catchThrowableOfType(
                DockerException.class, () -> docker.createExec(id, List.of("true"), false, false))
            .isConflict())
        .isTrue();
  }

  @Test
  void logsThroughTheEngine() throws Exception {
    String id = running("sh", "-c", "echo one; echo two >&2; printf three");
    List<String> out = new ArrayList<>();
    List<String> err = new ArrayList<>();
    docker.logs(
        id,
        Instant.EPOCH,
        true,
        (stderr, record) -> (stderr ? err : out).add(new String(record, UTF_8)));
    assertThat(out)
        .hasSize(2)
        .satisfies(one -> assertThat(one).matches("\\d{4}-\\S+Z one\n"), atIndex(0))
        .satisfies(three -> assertThat(three).matches("\\d{4}-\\S+Z three\n?"), atIndex(1));
    assertThat(err).singleElement().asString().endsWith("Z two\n");
    List<String> late = new ArrayList<>();
    docker.logs(
        id,
        Instant.now().plusSeconds(1000),
        false,
        (stderr, record) -> late.add(new String(record, UTF_8)));
    assertThat(late).isEmpty();
  }

  @Test
  void thisEngineIsLocalAndItsCapabilitiesAreKnown() throws Exception {
    EngineInfo info = docker.info();
    DockerEndpoint endpoint =
        DockerEndpoint.resolve("unix://" + Engine.socket(), Map.of(), Path.of("/"));
    EngineProbe probe = new EngineProbe(endpoint, docker);
    assertThat(probe.refusal(info)).isEmpty();
    assertThat(probe.engineStart()).isPresent().isEqualTo(probe.engineStart());
    EngineInfo elsewhere = new EngineInfo(
        info.id(),
        "/nowhere",
        info.cgroupDriver(),
        info.cgroupVersion(),
        info.storageDriver(),
        info.loggingDriver(),
        false,
        false,
        List.of(),
        "",
        List.of(),
        1,
        1,
        "",
        info.systemTime(),
        List.of());
    assertThat(probe.refusal(elsewhere).orElseThrow())
        .contains("/nowhere")
        .contains("--docker-endpoint");
    // What the capabilities say is what a start with a lowered score does.
    boolean may = probe.oomNote("jubelet/busybox:1").isEmpty();
    String id = docker.createContainer(name, lowered());
    DockerException refused =
        catchThrowableOfType(DockerException.class, () -> docker.startContainer(id));
    assertThat(refused == null).isEqualTo(may);
  }

  private static dev.jubelet.dockershim.docker.DockerApi.CreateContainer lowered() {
    var plain = Sleepers.of(List.of("sleep", "1000"));
    var host = plain.hostConfig();
    var lowered = new dev.jubelet.dockershim.docker.DockerApi.HostConfig(
        host.networkMode(),
        host.ipcMode(),
        null,
        null,
        host.cgroupnsMode(),
        null,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        false,
        false,
        null,
        null,
        -998,
        Resources.NONE,
        List.of(),
        0,
        host.logDriver(),
        Map.of(),
        null);
    return new dev.jubelet.dockershim.docker.DockerApi.CreateContainer(
        plain.image(),
        null,
        null,
        null,
        List.of(),
        null,
        plain.cmd(),
        null,
        false,
        false,
        false,
        null,
        Map.of(),
        lowered);
  }
}
