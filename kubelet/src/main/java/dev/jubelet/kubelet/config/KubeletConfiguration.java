package dev.jubelet.kubelet.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What the agent acts on of `KubeletConfiguration` (kubelet.config.k8s.io/v1beta1), defaulted and
/// validated. Component names are upstream's keys. Keys that are known but not built yet are in
/// `keys.txt` and come back as a warning of [KubeletSettings].
public record KubeletConfiguration(
    StaticPods staticPods,
    Servers servers,
    CriRuntime runtime,
    Dns dns,
    Cgroups cgroups,
    Images images,
    Logs logs,
    Pods pods) {

  /// @param staticPodPath a file or a directory
  public record StaticPods(
      Optional<String> staticPodPath,
      Optional<String> staticPodURL,
      Map<String, List<String>> staticPodURLHeader,
      Duration fileCheckFrequency,
      Duration httpCheckFrequency) {
    public StaticPods {
      staticPodURLHeader = Map.copyOf(staticPodURLHeader);
    }
  }

  /// @param address that the read-only server binds
  /// @param readOnlyPort 0 switches it off
  /// @param healthzPort 0 switches it off
  public record Servers(
      String address, int readOnlyPort, String healthzBindAddress, int healthzPort) {}

  /// @param containerRuntimeEndpoint empty for the embedded dockershim
  /// @param imageServiceEndpoint the same as the runtime's where none was given
  public record CriRuntime(
      String containerRuntimeEndpoint,
      String imageServiceEndpoint,
      Duration runtimeRequestTimeout) {}

  /// @param resolvConf empty: pods get no name servers of the host's
  public record Dns(String clusterDomain, List<String> clusterDNS, String resolvConf) {
    public Dns {
      clusterDNS = List.copyOf(clusterDNS);
    }
  }

  /// @param oomScoreAdj of the agent's own process
  /// @param failSwapOn refuse a host that swaps; see [HostRequirements]
  /// @param failCgroupV1 refuse a host with cgroup v1; see [HostRequirements]
  public record Cgroups(
      boolean cpuCFSQuota,
      Duration cpuCFSQuotaPeriod,
      int oomScoreAdj,
      boolean failSwapOn,
      boolean failCgroupV1) {}

  /// @param maxParallelImagePulls empty for no limit; of no meaning while pulls are serial
  /// @param registryPullQPS pulls a second; 0 for no limit
  /// @param registryBurst pulls at once, while the average stays below `registryPullQPS`
  public record Images(
      boolean serializeImagePulls,
      OptionalInt maxParallelImagePulls,
      int registryPullQPS,
      int registryBurst) {}

  /// @param containerLogMaxSize in bytes, at which a log is rotated; negative for never
  /// @param containerLogMaxFiles of one container, the current one included
  /// @param containerLogMaxWorkers how many logs are rotated at a time
  /// @param containerLogMonitorInterval between two looks at the sizes
  public record Logs(
      long containerLogMaxSize,
      int containerLogMaxFiles,
      int containerLogMaxWorkers,
      Duration containerLogMonitorInterval) {}

  /// @param podsPerCore 0 for no such limit
  /// @param allowedUnsafeSysctls names, or prefixes that end in `*`
  /// @param maxContainerRestartPeriod the most that a crash loop backs off
  public record Pods(
      Duration syncFrequency,
      int maxPods,
      int podsPerCore,
      String podLogsDir,
      boolean seccompDefault,
      List<String> allowedUnsafeSysctls,
      Duration maxContainerRestartPeriod) {
    public Pods {
      allowedUnsafeSysctls = List.copyOf(allowedUnsafeSysctls);
    }

    /// How many pods may be active on a node of so many cores.
    public int capacity(int cores) {
      return podsPerCore > 0 ? (int) Math.min(maxPods, (long) podsPerCore * cores) : maxPods;
    }
  }

  /// The same with another directory for the logs of pods.
  public KubeletConfiguration withPodLogsDir(Path directory) {
    Pods other = new Pods(
        pods.syncFrequency,
        pods.maxPods,
        pods.podsPerCore,
        directory.toString(),
        pods.seccompDefault,
        pods.allowedUnsafeSysctls,
        pods.maxContainerRestartPeriod);
    return new KubeletConfiguration(
        staticPods, servers, runtime, dns, cgroups, images, logs, other);
  }
}
