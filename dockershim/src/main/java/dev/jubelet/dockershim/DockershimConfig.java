package dev.jubelet.dockershim;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What a dockershim is started with; every member is used.
///
/// @param socket where the CRI is served
/// @param rootDirectory what must survive: the owner's id, checkpoints, log positions
/// @param dockerEndpoint `unix://…`; empty for DOCKER_HOST, the docker context or Docker's default
/// @param sandboxImage empty for the one in our jar
/// @param requestTimeout of short engine calls; zero for 1m59s
/// @param pullIdle how long a pull may make no progress
/// @param adopt whether containers of dockershim, cri-dockerd and other roots of ours are taken
/// over
/// @param localSocket where `ps`, `trace` and `why` are answered, when no agent in this process
/// does
public record DockershimConfig(
    Path socket,
    Path rootDirectory,
    String dockerEndpoint,
    Optional<String> sandboxImage,
    Duration requestTimeout,
    Duration pullIdle,
    Network network,
    boolean adopt,
    Optional<Path> localSocket) {

  /// How pods are joined to a network.
  ///
  /// @param plugin `cni`, `none` or `docker`
  /// @param podCidr empty when none was given
  public record Network(
      String plugin, Path confDir, List<Path> binDirs, Path cacheDir, String podCidr) {
    public static final List<Path> BIN_DIRS =
        List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni"));

    public Network {
      if (!List.of("cni", "none", "docker").contains(plugin)) {
        throw new IllegalArgumentException(
            "network plugin \"" + plugin + "\" is unknown: give cni, none or docker");
      }
      binDirs = List.copyOf(binDirs);
    }

    public static Network of(String plugin) {
      return new Network(
          plugin, Path.of("/etc/cni/net.d"), BIN_DIRS, Path.of("/var/lib/cni/cache"), "");
    }
  }

  /// The defaults for a shim on `socket` that keeps its things in `rootDirectory`.
  public static DockershimConfig of(Path socket, Path rootDirectory) {
    return new DockershimConfig(
        socket,
        rootDirectory,
        "",
        Optional.empty(),
        Duration.ZERO,
        Duration.ofMinutes(1),
        Network.of("cni"),
        false,
        Optional.empty());
  }

  public DockershimConfig withDockerEndpoint(String endpoint) {
    return new DockershimConfig(
        socket,
        rootDirectory,
        endpoint,
        sandboxImage,
        requestTimeout,
        pullIdle,
        network,
        adopt,
        localSocket);
  }

  public DockershimConfig withNetwork(Network other) {
    return new DockershimConfig(
        socket,
        rootDirectory,
        dockerEndpoint,
        sandboxImage,
        requestTimeout,
        pullIdle,
        other,
        adopt,
        localSocket);
  }

  public DockershimConfig withSandboxImage(Optional<String> image) {
    return new DockershimConfig(
        socket,
        rootDirectory,
        dockerEndpoint,
        image,
        requestTimeout,
        pullIdle,
        network,
        adopt,
        localSocket);
  }

  public DockershimConfig withTimeouts(Duration request, Duration idle) {
    return new DockershimConfig(
        socket,
        rootDirectory,
        dockerEndpoint,
        sandboxImage,
        request,
        idle,
        network,
        adopt,
        localSocket);
  }

  public DockershimConfig withAdopt(boolean adopting) {
    return new DockershimConfig(
        socket,
        rootDirectory,
        dockerEndpoint,
        sandboxImage,
        requestTimeout,
        pullIdle,
        network,
        adopting,
        localSocket);
  }

  public DockershimConfig withLocalSocket(Path local) {
    return new DockershimConfig(
        socket,
        rootDirectory,
        dockerEndpoint,
        sandboxImage,
        requestTimeout,
        pullIdle,
        network,
        adopt,
        Optional.of(local));
  }
}
