package dev.jubelet.dockershim.naming;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// Where a container's CRI log goes: the sandbox's log directory with the container's log path.
public final class LogPath {
  private LogPath() {}

  /// The clean absolute path; empty when the caller wants no log (one of the two is missing).
  ///
  /// @throws IllegalArgumentException when the path would leave the directory
  public static Optional<Path> of(String logDirectory, String logPath) {
    if (logDirectory.isEmpty() || logPath.isEmpty()) {
      return Optional.empty();
    }
    if (!logDirectory.startsWith("/") || climbs(logDirectory)) {
      throw new IllegalArgumentException(
          "log_directory \"" + logDirectory + "\" must be an absolute path without '..'");
    }
    if (logPath.startsWith("/") || climbs(logPath)) {
      throw new IllegalArgumentException(
          "log_path \"" + logPath + "\" must be a path below log_directory, without '..'");
    }
    return Optional.of(Path.of(logDirectory).resolve(logPath).normalize());
  }

  private static boolean climbs(String path) {
    return path.indexOf('\0') >= 0 || Arrays.asList(path.split("/")).contains("..");
  }
}
