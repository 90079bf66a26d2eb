package dev.jubelet.dockershim.engine;

import java.util.Map;

/// The log driver of a container, with every option set that the engine would add of its own
/// defaults (daemon.json's `log-opts`, whenever the driver is the same).
public record LogOptions(String driver, Map<String, String> options) {
  public static final String JSON_FILE = "json-file";
  public static final String NONE = "none";

  /// `max-file` never under 2: newer engines would unlink the rotated file at once. An empty
  /// value is none.
  private static final LogOptions OURS = new LogOptions(
      JSON_FILE,
      Map.of(
          "max-size", "4m",
          "max-file", "5",
          "compress", "false",
          "mode", "blocking",
          "labels", "",
          "labels-regex", "",
          "env", "",
          "env-regex", "",
          "tag", ""));

  public LogOptions {
    options = Map.copyOf(options);
  }

  /// Of a pod's container. The site's own driver is kept, with the site's options.
  ///
  /// @param engineDriver the engine's default log driver
  public static LogOptions of(String engineDriver) {
    return isOurs(engineDriver) ? OURS : new LogOptions(engineDriver, Map.of());
  }

  /// Of a sandbox, which says nothing: no connection to where a driver ships.
  public static LogOptions ofSandbox() {
    return OURS;
  }

  /// Whether containers get json-file. `local` ships nowhere, so nobody misses it.
  static boolean isOurs(String engineDriver) {
    return switch (engineDriver) {
      case "", JSON_FILE, "local" -> true;
      default -> false;
    };
  }

  /// How the output of new containers reaches their log files.
  static String way(String engineDriver) {
    if (isOurs(engineDriver)) {
      return "follow-file";
    }
    return engineDriver.equals(NONE)
        ? "none: the engine's log driver keeps nothing"
        : "engine-follow: the engine's log driver is " + engineDriver;
  }
}
