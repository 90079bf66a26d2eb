package dev.jubelet.dockershim.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.jubelet.dockershim.docker.DockerEndpoint.RemoteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerEndpointTest {
  // sha256 of "work"
  private static final String WORK =
      "00e13ed7af55b27622f1d6eab5bec0147e68efe28dc2b12461117afa1a5ed40e";

  @TempDir
  Path home;

  private void context(String host) throws IOException {
    Path meta = home.resolve(".docker/contexts/meta").resolve(WORK);
    Files.createDirectories(meta);
    Files.writeString(
        meta.resolve("meta.json"), "{\"Endpoints\":{\"docker\":{\"Host\":\"" + host + "\"}}}");
    Files.writeString(home.resolve(".docker/config.json"), "{\"currentContext\":\"work\"}");
  }

  @Test
  void theFlagComesFirst() throws Exception {
    var found = DockerEndpoint.resolve("unix:///a", Map.of("DOCKER_HOST", "unix:///b"), home);
    assertThat(found).isEqualTo(new DockerEndpoint(Path.of("/a"), "--docker-endpoint"));
  }

  @Test
  void thenTheEnvironmentThenTheContextThenTheDefault() throws Exception {
    context("unix:///c");
    assertThat(
            DockerEndpoint.resolve("", Map.of("DOCKER_HOST", "unix:///b"), home).socket())
        .isEqualTo(Path.of("/b"));
    assertThat(DockerEndpoint.resolve("", Map.of(), home))
        .isEqualTo(new DockerEndpoint(Path.of("/c"), "docker context work"));
    assertThat(DockerEndpoint.resolve("", Map.of("DOCKER_CONTEXT", "default"), home)
            .socket())
        .isEqualTo(Path.of("/var/run/docker.sock"));
    assertThat(DockerEndpoint.resolve("", Map.of(), Path.of("/nonexistent")).socket())
        .isEqualTo(Path.of("/var/run/docker.sock"));
  }

  @Test
  void whatIsElsewhereIsRefusedByName() throws Exception {
    assertThatExceptionOfType(RemoteException.class)
        .isThrownBy(
            () -> DockerEndpoint.resolve("", Map.of("DOCKER_HOST", "tcp://1.2.3.4:2375"), home))
        .withMessageContaining("tcp://1.2.3.4:2375")
        .withMessageContaining("DOCKER_HOST");
    context("ssh://me@there");
    assertThatExceptionOfType(RemoteException.class)
        .isThrownBy(() -> DockerEndpoint.resolve("", Map.of(), home))
        .withMessageContaining("ssh://me@there")
        .withMessageContaining("docker context work");
    assertThatExceptionOfType(RemoteException.class)
        .isThrownBy(() -> DockerEndpoint.resolve("", Map.of("DOCKER_CONTEXT", "gone"), home))
        .withMessageContaining("gone");
  }
}
