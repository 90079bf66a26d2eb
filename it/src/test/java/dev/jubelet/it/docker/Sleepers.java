package dev.jubelet.it.docker;

import dev.jubelet.dockershim.docker.DockerApi.CreateContainer;
import dev.jubelet.dockershim.docker.DockerApi.HostConfig;
import dev.jubelet.dockershim.docker.DockerApi.Mount;
import dev.jubelet.dockershim.docker.DockerApi.Resources;
import java.util.List;
import java.util.Map;

/// Create requests of containers that look like Kubernetes'.
final class Sleepers {
  private Sleepers() {}

  static CreateContainer of(List<String> command, Mount... mounts) {
    HostConfig host = new HostConfig(
        "none",
        "private",
        null,
        null,
        "private",
        null,
        List.of(mounts),
        List.of(),
        List.of("no-new-privileges"),
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        false,
        false,
        List.of(),
        List.of(),
        0,
        new Resources(2, 0, 0, 64L << 20, 64L << 20, "", ""),
        List.of(),
        0,
        "json-file",
        Map.of("max-size", "4m", "max-file", "5", "compress", "false", "mode", "blocking"),
        null);
    return new CreateContainer(
        "jubelet/busybox:1",
        "sleeper",
        null,
        null,
        List.of("GREETING=hello"),
        null,
        command,
        null,
        false,
        false,
        false,
        null,
        Map.of("io.kubernetes.docker.type", "container"),
        host);
  }
}
