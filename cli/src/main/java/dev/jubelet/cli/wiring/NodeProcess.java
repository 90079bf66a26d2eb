package dev.jubelet.cli.wiring;

import dev.jubelet.cli.Failure;
import dev.jubelet.cli.Version;
import dev.jubelet.cli.log.AgentLog;
import dev.jubelet.kubelet.config.ConfigException;
import dev.jubelet.kubelet.config.HostRequirements;
import dev.jubelet.kubelet.config.KubeletFlags;
import dev.jubelet.kubelet.config.KubeletSettings;
import dev.jubelet.linux.OomScoreAdj;
import dev.jubelet.trace.local.LocalSockets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `jubelet node`: the node agent, with the kubelet's flags.
public final class NodeProcess {
  private static final Logger LOG = LoggerFactory.getLogger(NodeProcess.class);

  /// Where kubelet 1.17's embedded shim listened.
  private static final Path SHIM_SOCKET = Path.of("/var/run/dockershim.sock");

  private static final String HELP = """
      jubelet node [FLAG]...

      The node agent. Takes every flag of the kubelet, 1.17 to 1.37, and a KubeletConfiguration
      file; what is not built yet is named in a warning. Often used:

        --config=FILE, --config-dir=DIR       KubeletConfiguration, and drop-ins (*.conf) over it
        --pod-manifest-path=FILE|DIR          static pods
        --manifest-url=URL                    static pods from there
        --root-dir=DIR                        what must survive a restart (/var/lib/kubelet)
        --hostname-override=NAME              the node's name
        --container-runtime-endpoint=unix://… another CRI runtime than the embedded dockershim
        --docker-endpoint=unix://…            the engine (DOCKER_HOST, docker context)
        --network-plugin=cni|docker|none      default: cni where it is configured, else docker
        --cni-conf-dir, --cni-bin-dir, --cni-cache-dir
        --pod-infra-container-image=IMAGE     sandboxes' image instead of the built-in one
        --read-only-port=PORT                 /pods and /metrics (off)
        --healthz-port=PORT                   /healthz (10248; 0 switches it off)
        --fail-swap-on=false                  start although the host swaps
        --v=LEVEL                             verbosity of the log: 4 debug, 6 trace
        --version
      """;

  private NodeProcess() {}

  public static int run(String[] args) throws Failure, IOException, InterruptedException {
    KubeletSettings settings = parse(args);
    if (settings.help()) {
      System.out.print(HELP);
      return 0;
    }
    if (settings.version().isPresent()) {
      System.out.println("jubelet " + Version.text());
      return 0;
    }
    requireHost(settings);
    AgentLog.toStderr(settings.verbosity());
    OomScoreAdj.set(settings.configuration().cgroups().oomScoreAdj());
    EndSignal end = new EndSignal();
    Path local = LocalSockets.ofHost().node(SocketName.of(settings.rootDir()));
    try (Agent _ =
            Agent.start(settings, SHIM_SOCKET, new Agent.Local(local, Optional.empty(), false));
        Supervised _ = Supervised.ready()) {
      end.await();
      LOG.info("Ending, containers run on");
    }
    return 0;
  }

  private static void requireHost(KubeletSettings settings) throws Failure {
    try {
      HostRequirements.check(settings.configuration());
    } catch (ConfigException e) {
      throw Failure.usage(String.join("\n", e.problems()));
    }
  }

  static KubeletSettings parse(String[] args) throws Failure {
    try {
      return KubeletFlags.parse(args);
    } catch (ConfigException e) {
      throw Failure.usage(String.join("\n", e.problems()));
    }
  }
}
