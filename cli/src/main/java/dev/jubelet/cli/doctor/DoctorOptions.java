package dev.jubelet.cli.doctor;

import dev.jubelet.cli.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/// Where to look: the flags of `node`, `dockershim` and `run` for the same. Without any, in the
/// places that these use by default.
final class DoctorOptions {
  private static final Path KUBELET = Path.of("/var/lib/kubelet");
  private static final Path DOCKERSHIM = Path.of("/var/lib/dockershim");
  private static final Path POD_LOGS = Path.of("/var/log/pods");
  private static final Path RUN = Path.of("/var/lib/jubelet/run");

  @Option(
      names = "--root-dir",
      paramLabel = "DIR",
      description = "the agent's (default: those of node and of run)")
  private String rootDir = "";

  @Option(
      names = {"--experimental-dockershim-root-directory", "--cri-dockerd-root-directory"},
      paramLabel = "DIR",
      description = "the shim's (default: dockershim below the agent's, or /var/lib/dockershim)")
  private String shimDir = "";

  @Option(
      names = "--pod-logs-dir",
      paramLabel = "DIR",
      description = "podLogsDir (default: logs below the agent's, or /var/log/pods)")
  private String podLogsDir = "";

  @Option(
      names = "--docker-endpoint",
      paramLabel = "unix://PATH",
      description = "the engine's socket")
  private String dockerEndpoint = "";

  @Option(
      names = "--network-plugin",
      paramLabel = "cni|docker|none",
      description = "default: cni where it is configured, else docker")
  private String networkPlugin = "";

  @Option(names = "--cni-conf-dir", paramLabel = "DIR")
  private Path cniConfDir = Path.of("/etc/cni/net.d");

  @Option(names = "--cni-bin-dir", paramLabel = "DIR,...")
  private String cniBinDir = "/opt/cni/bin,/usr/lib/cni";

  @Option(names = "--cni-cache-dir", paramLabel = "DIR")
  private Path cniCacheDir = Path.of("/var/lib/cni/cache");

  @Option(
      names = "--hostname-override",
      paramLabel = "NAME",
      description = "the node's: log directories of other nodes' static pods count as foreign")
  private String nodeName = "";

  String dockerEndpoint() {
    return dockerEndpoint;
  }

  String networkPlugin() {
    return networkPlugin;
  }

  Path cniConfDir() {
    return cniConfDir;
  }

  Path cniCacheDir() {
    return cniCacheDir;
  }

  List<Path> cniBinDirs() {
    return Arrays.stream(cniBinDir.split(",")).map(Path::of).toList();
  }

  Given given(Path engine) {
    String ending = nodeName.isEmpty() ? "" : "-" + nodeName;
    return new Given(networkPlugin.equals("cni"), ending, engine);
  }

  /// The places that a shim of ours was started in.
  ///
  /// @throws Failure when flags name one where none was
  List<Place> places() throws Failure, IOException {
    if (rootDir.isEmpty() && shimDir.isEmpty()) {
      return defaults().filter(place -> Files.exists(place.owner())).toList();
    }
    Place place = named();
    if (!Files.exists(place.owner())) {
      throw Failure.usage("no shim of ours was ever started in " + place.shim() + ": there is no "
          + place.owner() + "; give --experimental-dockershim-root-directory as the agent has it");
    }
    return List.of(place);
  }

  /// Where an agent's pods would be kept, used by none yet or not.
  List<Path> roots() {
    return rootDir.isEmpty() ? List.of(KUBELET, RUN) : List.of(Path.of(rootDir));
  }

  private static Stream<Place> defaults() {
    return Stream.of(
        new Place(KUBELET, DOCKERSHIM, POD_LOGS),
        new Place(RUN, RUN.resolve("dockershim"), RUN.resolve("logs")),
        new Place(KUBELET, Path.of("/var/lib/jubelet/dockershim"), POD_LOGS),
        new Place(KUBELET, Path.of("/var/lib/cri-dockerd"), POD_LOGS));
  }

  private Place named() throws IOException {
    Path root = real(rootDir.isEmpty() ? KUBELET : Path.of(rootDir));
    Path own = root.resolve("dockershim");
    Path shim = shimDir.isEmpty()
        ? (Files.exists(own.resolve("owner")) ? own : DOCKERSHIM)
        : Path.of(shimDir).toAbsolutePath();
    Path ownLogs = root.resolve("logs");
    Path logs = podLogsDir.isEmpty()
        ? (Files.isDirectory(ownLogs) ? ownLogs : POD_LOGS)
        : Path.of(podLogsDir).toAbsolutePath();
    return new Place(root, shim, logs);
  }

  /// As the table of mounts has it.
  private static Path real(Path path) throws IOException {
    return Files.exists(path) ? path.toRealPath() : path.toAbsolutePath().normalize();
  }
}
