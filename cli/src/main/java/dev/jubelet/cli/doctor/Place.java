package dev.jubelet.cli.doctor;

import java.nio.file.Path;

/// Where one agent or shim keeps its things.
///
/// @param root the agent's `--root-dir`
/// @param shim the shim's root directory
/// @param podLogs usually `/var/log/pods`
record Place(Path root, Path shim, Path podLogs) {
  /// The id that marks what was made from here; made at the shim's first start.
  Path owner() {
    return shim.resolve("owner");
  }

  Path pods() {
    return root.resolve("pods");
  }

  Path checkpoints() {
    return shim.resolve("sandbox");
  }

  Path logCheckpoints() {
    return shim.resolve("logs");
  }

  /// Where links to the logs of single containers are, usually `/var/log/containers`.
  Path links() {
    return podLogs.resolveSibling("containers");
  }
}
