package dev.jubelet.dockershim.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jubelet.dockershim.docker.DockerApi.ContainerInspect;
import dev.jubelet.dockershim.docker.DockerApi.CreateContainer;
import dev.jubelet.dockershim.docker.DockerApi.HostConfig;
import dev.jubelet.dockershim.docker.DockerApi.Mount;
import dev.jubelet.dockershim.docker.DockerApi.PortBinding;
import dev.jubelet.dockershim.docker.DockerApi.Resources;
import java.util.List;
import java.util.Map;

/// Requests and answers for tests.
public final class Containers {
  private Containers() {}

  /// A running container.
  public static ContainerInspect inspect(String id) {
    String json =
        "{\"Id\":\"%s\",\"State\":{\"Status\":\"running\",\"Running\":true}}".formatted(id);
    try {
      return ContainerJson.inspect(Json.parse("inspect_container", json.getBytes(UTF_8)));
    } catch (DockerException e) {
      throw new IllegalStateException(e);
    }
  }

  static CreateContainer of(String image, Mount... mounts) {
    HostConfig host = new HostConfig(
        "none",
        "private",
        null,
        null,
        "private",
        null,
        List.of(mounts),
        List.of(
            new PortBinding("tcp", 80, 8080, "127.0.0.1"),
            new PortBinding("tcp", 80, 8081, ""),
            new PortBinding("udp", 53, 0, "")),
        List.of("no-new-privileges"),
        List.of("NET_ADMIN"),
        List.of(),
        List.of("7"),
        Map.of("net.ipv4.ip_forward", "1"),
        false,
        true,
        List.of(),
        null,
        5,
        new Resources(2, 100_000, 50_000, 1 << 26, -1, "0", ""),
        List.of(),
        0,
        "json-file",
        Map.of("max-size", "4m"),
        null);
    return new CreateContainer(
        image,
        "host",
        null,
        null,
        List.of("A=b"),
        null,
        List.of("sleep", "1"),
        null,
        false,
        false,
        false,
        null,
        Map.of("io.kubernetes.docker.type", "container"),
        host);
  }
}
