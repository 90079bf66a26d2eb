package dev.jubelet.kubelet.runtime.spec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// What the translation of a pod needs to know of its node. Values only.
///
/// @param hostIps the node's addresses, primary first
/// @param podLogsDir usually `/var/log/pods`
/// @param seccompRoot where Localhost profiles live, `<root>/seccomp`
/// @param seccompDefault RuntimeDefault for what names no profile
/// @param allocatable what downward fields show for a limit that is not set
/// @param memoryCapacity bytes, for oom_score_adj
/// @param cpuCfsQuota whether CPU limits are enforced
/// @param allowedUnsafeSysctls names or prefixes ending with `*`
/// @param cgroupParent of every sandbox; "" leaves it to the runtime
public record NodeFacts(
    String nodeName,
    List<String> hostIps,
    DnsFacts dns,
    Path podLogsDir,
    Path seccompRoot,
    boolean seccompDefault,
    Allocatable allocatable,
    long memoryCapacity,
    boolean cpuCfsQuota,
    Duration cpuCfsQuotaPeriod,
    List<String> allowedUnsafeSysctls,
    String cgroupParent) {
  public NodeFacts {
    hostIps = List.copyOf(hostIps);
    allowedUnsafeSysctls = List.copyOf(allowedUnsafeSysctls);
  }

  /// @param cpuMilli thousandths of a CPU
  /// @param memory bytes
  /// @param ephemeralStorage bytes
  public record Allocatable(long cpuMilli, long memory, long ephemeralStorage) {}
}
