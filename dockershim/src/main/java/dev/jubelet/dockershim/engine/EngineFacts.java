package dev.jubelet.dockershim.engine;

import java.util.Optional;

/// What the verbs must know of the engine that does not change while it runs.
///
/// @param cgroupDriver `cgroupfs` or `systemd`
/// @param rootDir DockerRootDir
/// @param logDriver the engine's default log driver
/// @param oomNote why the engine cannot lower oom_score_adj; empty when it can
public record EngineFacts(
    String version,
    String apiVersion,
    String cgroupDriver,
    boolean cgroupV2,
    String rootDir,
    String logDriver,
    Optional<String> oomNote) {

  /// Before any engine was ever seen: Docker's own defaults on a host without systemd.
  static final EngineFacts UNKNOWN = new EngineFacts(
      "unknown", "1.41", "cgroupfs", false, "/var/lib/docker", "json-file", Optional.empty());

  /// Docker's own log file of a container.
  public java.nio.file.Path jsonFile(String containerId) {
    return java.nio.file.Path.of(rootDir, "containers", containerId, containerId + "-json.log");
  }

  /// The oom_score_adj to ask for: 0 at least where lowering it would fail the start.
  public int oomScoreAdj(long wanted) {
    long clamped = Math.clamp(wanted, -1000, 1000);
    return (int) (oomNote.isPresent() ? Math.max(0, clamped) : clamped);
  }
}
