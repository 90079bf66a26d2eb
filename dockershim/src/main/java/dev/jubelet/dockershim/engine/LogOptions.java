package dev.jubelet.dockershim.engine;

import java.util.Map;

/// The log driver of a container and how its output reaches the CRI log file. Every option is set,
/// since the engine adds its own defaults for those that are missing.
///
/// @param way `follow-file` when Docker's json-file is followed, `engine-follow` when the driver is
/// the site's own and ships the output elsewhere, `none` when there is no output
public record LogOptions(String driver, Map<String, String> options, String way) {
  /// `max-file` never under 2: newer engines would unlink the rotated file at once.
  private static final Map<String, String> JSON_FILE =
      Map.of("max-size", "4m", "max-file", "5", "compress", "false", "mode", "blocking");

  /// @param engineDriver the engine's default log driver
  public static LogOptions of(String engineDriver) {
    return switch (engineDriver) {
      case "", "json-file", "local" -> new LogOptions("json-file", JSON_FILE, "follow-file");
      case "none" -> new LogOptions("none", Map.of(), "none");
      default -> new LogOptions(engineDriver, Map.of(), "engine-follow");
    };
  }
}
