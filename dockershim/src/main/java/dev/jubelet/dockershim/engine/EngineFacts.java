package dev.jubelet.dockershim.engine;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What the verbs must know of the engine that does not change while it runs.
///
/// @param cgroupDriver `cgroupfs` or `systemd`
/// @param rootDir DockerRootDir
/// @param logDriver the engine's default log driver
/// @param selinux whether the engine labels files; else a mount's relabelling means nothing
/// @param recursiveReadOnly whether a mount can be read-only with all below it
/// @param oomNote why the engine cannot lower oom_score_adj; empty when it can
public record EngineFacts(
    String version,
    String apiVersion,
    String cgroupDriver,
    boolean cgroupV2,
    String rootDir,
    String logDriver,
    boolean selinux,
    boolean recursiveReadOnly,
    Optional<String> oomNote) {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");

  /// Before any engine was ever seen: Docker's own defaults on a host without systemd.
  static final EngineFacts UNKNOWN = new EngineFacts(
      "unknown",
      "1.41",
      "cgroupfs",
      false,
      "/var/lib/docker",
      "json-file",
      false,
      false,
      Optional.empty());

  /// What another version of ours wrote too: a member that it did not know is as before any
  /// engine was seen, one that we do not know is skipped.
  static EngineFacts parse(JsonNode json) {
    ObjectNode whole = JSON.valueToTree(UNKNOWN);
    whole.propertyNames().forEach(name -> {
      if (json.hasNonNull(name)) {
        whole.set(name, json.get(name));
      }
    });
    return JSON.treeToValue(whole, EngineFacts.class);
  }

  /// Since API 1.44 and Linux 5.12 (mount_setattr).
  static boolean recursiveReadOnly(String apiVersion, String kernel) {
    return atLeast(apiVersion, 1, 44) && atLeast(kernel, 5, 12);
  }

  private static boolean atLeast(String version, int major, int minor) {
    Matcher matcher = VERSION.matcher(version);
    if (!matcher.lookingAt()) {
      return false;
    }
    int first = Integer.parseInt(matcher.group(1));
    return first > major || (first == major && Integer.parseInt(matcher.group(2)) >= minor);
  }

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
