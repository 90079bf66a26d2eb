package dev.jubelet.cli.wiring;

import dev.jubelet.cli.Failure;
import dev.jubelet.cli.log.AgentLog;
import dev.jubelet.dockershim.docker.DockerEndpoint;
import dev.jubelet.kubelet.config.KubeletSettings;
import dev.jubelet.linux.RootLock;
import dev.jubelet.trace.local.LocalSockets;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The agent of `jubelet run`: a node agent with directories and sockets of its own, for a host
/// that is also used otherwise.
public final class RunAgent {
  private static final String ROOT = "/var/lib/jubelet/run";

  /// What a laptop needs: no port that a kubelet may have, swap allowed.
  private static final List<String> FLAGS = List.of(
      "--root-dir=" + ROOT,
      "--experimental-dockershim-root-directory=" + ROOT + "/dockershim",
      "--healthz-port=0",
      "--fail-swap-on=false");

  private RunAgent() {}

  /// Its settings with further kubelet flags, which win.
  public static KubeletSettings settings(List<String> flags) throws Failure {
    List<String> all = new ArrayList<>(FLAGS);
    all.addAll(flags);
    KubeletSettings settings = NodeProcess.parse(all.toArray(String[]::new));
    // Another kubelet on this host collects what it does not know below /var/log/pods.
    return settings.withPodLogsDir(settings.rootDir().resolve("logs"));
  }

  /// Where an agent with these settings logs.
  public static Path logFile(KubeletSettings settings) {
    return settings.rootDir().resolve("agent.log");
  }

  /// Whoever holds this is the one agent of `run`; fails while another process does.
  public static RootLock lock(KubeletSettings settings) throws IOException {
    return RootLock.acquire(settings.rootDir().resolve("agent"));
  }

  /// Starts it in this process; closing it gives the lock back.
  public static Agent start(KubeletSettings settings, RootLock lock) throws IOException {
    AgentLog.toFile(logFile(settings), settings.verbosity());
    LocalSockets sockets = LocalSockets.ofHost();
    return Agent.start(
        lock,
        settings,
        sockets.directory().resolve("dockershim-run.sock"),
        new Agent.Local(sockets.run(), Optional.of(logFile(settings)), true));
  }

  /// What a person should know before the wait: that no engine answers where it is looked for.
  public static Optional<String> missingEngine(KubeletSettings settings) {
    if (!settings.configuration().runtime().containerRuntimeEndpoint().isEmpty()) {
      return Optional.empty();
    }
    Path home = Path.of(System.getProperty("user.home", "/root"));
    String flag = settings.dockershim().dockerEndpoint();
    try {
      Path socket = DockerEndpoint.resolve(flag, System.getenv(), home).socket();
      try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        return Optional.empty();
      } catch (IOException e) {
        return Optional.of(
            "Docker Engine does not answer at unix://%s (%s); waiting for it. 'jubelet setup' starts it"
                .formatted(socket, e.getMessage()));
      }
    } catch (DockerEndpoint.RemoteException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
