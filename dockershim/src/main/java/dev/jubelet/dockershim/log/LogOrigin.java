package dev.jubelet.dockershim.log;

import java.nio.file.Path;

/// Where the engine keeps the output of a container.
public sealed interface LogOrigin {
  /// Docker's own json-file (`<root>/containers/<id>/<id>-json.log`), followed directly; need
  /// not exist yet.
  record JsonFile(Path path) implements LogOrigin {}

  /// With the site's own log driver, which ships it; the engine gives it back.
  record ThroughEngine(String driver) implements LogOrigin {}

  /// Nowhere: the log file gets a line that says why.
  record Nowhere(String driver) implements LogOrigin {}

  /// How the output takes its way into the log file, for people.
  default String way() {
    return switch (this) {
      case JsonFile file -> "follow-file: " + file.path();
      case ThroughEngine engine -> "engine-follow: log driver " + engine.driver();
      case Nowhere nowhere -> "none: log driver " + nowhere.driver() + " keeps nothing";
    };
  }
}
