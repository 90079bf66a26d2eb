package dev.jubelet.kubelet.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Everything that the agent is started with: flags over `--config-dir` over `--config` over
/// defaults.
///
/// @param nodeName lower case; the host's name unless `--hostname-override` was given
/// @param nodeIps of `--node-ip`; empty to find out
/// @param verbosity of klog, `--v`
/// @param garbage which dead containers are kept
/// @param help whether `--help` was asked for; nothing else matters then
/// @param version what `--version` was given: `true` or `raw`
/// @param warnings to be logged once, each a sentence
public record KubeletSettings(
    KubeletConfiguration configuration,
    Path rootDir,
    String nodeName,
    List<String> nodeIps,
    Dockershim dockershim,
    DeadContainers garbage,
    int verbosity,
    boolean help,
    Optional<String> version,
    List<String> warnings) {
  public KubeletSettings {
    nodeIps = List.copyOf(nodeIps);
    warnings = List.copyOf(warnings);
  }

  /// The flags of 1.17 to 1.23 for the shim inside the kubelet's process.
  ///
  /// @param embedded false when another runtime's endpoint was given
  /// @param listen where the embedded shim listens; empty for its own default
  /// @param dockerEndpoint of the engine, empty to find it (DOCKER_HOST, context, default socket)
  /// @param networkPlugin cni, none or docker; empty to choose by what is configured
  /// @param cniBinDirs searched in this order
  /// @param podInfraContainerImage empty for the built-in pause image
  /// @param imagePullProgressDeadline a pull without progress for so long is given up
  public record Dockershim(
      boolean embedded,
      Optional<String> listen,
      String dockerEndpoint,
      String networkPlugin,
      Path cniConfDir,
      List<Path> cniBinDirs,
      Path cniCacheDir,
      String podInfraContainerImage,
      Path rootDirectory,
      Duration imagePullProgressDeadline) {
    public Dockershim {
      cniBinDirs = List.copyOf(cniBinDirs);
    }
  }

  /// @param minimumAge before a dead container may be removed
  /// @param perContainer how many dead ones of a container are kept; negative for all
  /// @param total how many dead ones of all pods are kept; negative for all
  public record DeadContainers(Duration minimumAge, int perContainer, int total) {}

  /// The same with another directory for the logs of pods.
  public KubeletSettings withPodLogsDir(Path directory) {
    return new KubeletSettings(
        configuration.withPodLogsDir(directory),
        rootDir,
        nodeName,
        nodeIps,
        dockershim,
        garbage,
        verbosity,
        help,
        version,
        warnings);
  }
}
