package dev.jubelet.dockershim.engine;

import java.util.Map;

/// The log driver of a container and how its output reaches the CRI log file. Every option is set,
/// since the engine adds its own defaults for those that are missing.
///
/// @param way `follow-file`: Docker's json-file is followed; with the engine's own driver named
/// where that one is not used for pods
public record LogOptions(String driver, Map<String, String> options, String way) {
  /// `max-file` never under 2: newer engines would unlink the rotated file at once.
  private static final Map<String, String> JSON_FILE =
      Map.of("max-size", "4m", "max-file", "5", "compress", "false", "mode", "blocking");

  /// @param engineDriver the engine's default log driver; one that ships logs elsewhere is not
  /// used for pods yet, or `kubectl logs` would show nothing
  public static LogOptions of(String engineDriver) {
    String way = ships(engineDriver)
        ? "follow-file (the engine's log driver " + engineDriver + " is not used for pods yet)"
        : "follow-file";
    return new LogOptions("json-file", JSON_FILE, way);
  }

  /// Whether the driver sends the output somewhere, which pods then miss.
  static boolean ships(String engineDriver) {
    return switch (engineDriver) {
      case "", "json-file", "local" -> false;
      default -> true;
    };
  }
}
