package dev.jubelet.cli.wiring;

import dev.jubelet.cri.CriChannel;
import dev.jubelet.dockershim.DockershimConfig;
import dev.jubelet.dockershim.DockershimConfig.Network;
import dev.jubelet.kubelet.config.KubeletSettings;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/// The kubelet's flags for its embedded shim as the shim's own configuration.
final class EmbeddedShim {
  private static final Set<Path> ROOTS_OF_OTHERS =
      Set.of(Path.of("/var/lib/dockershim"), Path.of("/var/lib/cri-dockerd"));
  private static final Set<Path> SOCKETS_OF_OTHERS = Set.of(
      Path.of("/var/run/dockershim.sock"),
      Path.of("/run/dockershim.sock"),
      Path.of("/var/run/cri-dockerd.sock"),
      Path.of("/run/cri-dockerd.sock"));
  private static final Path ROOT_OF_KUBELETS = Path.of("/var/lib/kubelet");

  private EmbeddedShim() {}

  /// `socket` is where it listens unless a flag says otherwise.
  static DockershimConfig config(KubeletSettings settings, Path socket) throws IOException {
    KubeletSettings.Dockershim flags = settings.dockershim();
    Path listen = flags.listen().map(CriChannel::socketOf).orElse(socket);
    return new DockershimConfig(
        listen,
        flags.rootDirectory(),
        flags.dockerEndpoint(),
        Optional.of(flags.podInfraContainerImage()).filter(image -> !image.isEmpty()),
        Duration.ZERO,
        flags.imagePullProgressDeadline(),
        network(flags),
        takesOver(settings, flags),
        Optional.empty());
  }

  /// Containers of dockershim and cri-dockerd are taken over in their own place only (decision 12).
  private static boolean takesOver(KubeletSettings settings, KubeletSettings.Dockershim flags) {
    boolean theirRoots = ROOTS_OF_OTHERS.contains(flags.rootDirectory())
        && settings.rootDir().equals(ROOT_OF_KUBELETS);
    boolean theirSocket = flags
        .listen()
        .map(CriChannel::socketOf)
        .filter(SOCKETS_OF_OTHERS::contains)
        .isPresent();
    return theirRoots || theirSocket;
  }

  private static Network network(KubeletSettings.Dockershim flags) throws IOException {
    return new Network(
        plugin(flags), flags.cniConfDir(), flags.cniBinDirs(), flags.cniCacheDir(), "");
  }

  private static String plugin(KubeletSettings.Dockershim flags) throws IOException {
    return switch (flags.networkPlugin()) {
      case "" -> hasConfiguration(flags.cniConfDir()) ? "cni" : "docker";
      case "no-op" -> "docker";
      default -> flags.networkPlugin();
    };
  }

  private static boolean hasConfiguration(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory, "*.{conf,conflist,json}")) {
      return files.iterator().hasNext();
    }
  }
}
