package dev.jubelet.kubelet.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What `failSwapOn` and `failCgroupV1` demand of the host. For `node`; `run` takes a host as it
/// is.
public final class HostRequirements {
  private HostRequirements() {}

  /// @throws ConfigException naming each demand that the host does not meet
  public static void check(KubeletConfiguration configuration) throws ConfigException {
    check(configuration, Path.of("/proc/swaps"), Path.of("/sys/fs/cgroup"));
  }

  static void check(KubeletConfiguration configuration, Path swaps, Path cgroups)
      throws ConfigException {
    List<String> problems = new ArrayList<>();
    if (configuration.cgroups().failSwapOn() && isSwapping(swaps)) {
      problems.add("running with swap on is not supported: switch swap off (swapoff -a) or set"
          + " --fail-swap-on=false");
    }
    if (configuration.cgroups().failCgroupV1()
        && !Files.exists(cgroups.resolve("cgroup.controllers"))) {
      problems.add("this host uses cgroup v1: boot with systemd.unified_cgroup_hierarchy=1 or set"
          + " --fail-cgroupv1=false");
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
  }

  /// The table has a heading and a line per area; a kernel without swap has no table.
  private static boolean isSwapping(Path swaps) {
    try {
      return Files.readAllLines(swaps).size() > 1;
    } catch (IOException e) {
      return false;
    }
  }
}
