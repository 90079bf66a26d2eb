package dev.jubelet.cli.run;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// What the agent of `run` is started with, when none runs yet: flags of `jubelet node`.
final class AgentOptions {
  @Option(
      names = "--docker-endpoint",
      paramLabel = "unix://PATH",
      description = "the engine's socket")
  private String dockerEndpoint = "";

  @Option(
      names = "--container-runtime-endpoint",
      paramLabel = "unix://PATH",
      description = "another CRI runtime instead of Docker")
  private String runtimeEndpoint = "";

  @Option(
      names = "--network-plugin",
      paramLabel = "cni|docker|none",
      description = "default: cni where it is configured, else docker")
  private String networkPlugin = "";

  @Option(names = "--cni-conf-dir", paramLabel = "DIR")
  private String cniConfDir = "";

  @Option(names = "--cni-bin-dir", paramLabel = "DIR,...")
  private String cniBinDir = "";

  @Option(names = "--cni-cache-dir", paramLabel = "DIR")
  private String cniCacheDir = "";

  @Option(
      names = "--pod-infra-container-image",
      paramLabel = "IMAGE",
      description = "the sandboxes' image instead of the built-in one")
  private String pauseImage = "";

  @Option(names = "--root-dir", paramLabel = "DIR", description = "what must survive a restart")
  private String rootDir = "";

  @Option(names = "--v", paramLabel = "LEVEL", description = "verbosity of the agent's log")
  private String verbosity = "";

  /// As the node agent takes them.
  List<String> flags() {
    List<String> flags = new ArrayList<>();
    add(flags, "--docker-endpoint", dockerEndpoint);
    add(flags, "--container-runtime-endpoint", runtimeEndpoint);
    add(flags, "--network-plugin", networkPlugin);
    add(flags, "--cni-conf-dir", cniConfDir);
    add(flags, "--cni-bin-dir", cniBinDir);
    add(flags, "--cni-cache-dir", cniCacheDir);
    add(flags, "--pod-infra-container-image", pauseImage);
    add(flags, "--root-dir", rootDir);
    if (!rootDir.isEmpty()) {
      add(flags, "--experimental-dockershim-root-directory", rootDir + "/dockershim");
    }
    add(flags, "--v", verbosity);
    return flags;
  }

  private static void add(List<String> flags, String name, String value) {
    if (!value.isEmpty()) {
      flags.add(name + "=" + value);
    }
  }
}
