package dev.jubelet.linux.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// Pressure stall information: how long tasks waited for a resource. `some`: at least one of them;
/// `full`: all at once.
public record Pressure(Stall some, Stall full) {
  private static final Stall NONE = new Stall(0, 0, 0, 0);

  /// Averages in percent over 10, 60 and 300 seconds, and the total since boot in microseconds.
  public record Stall(double avg10, double avg60, double avg300, long totalMicros) {}

  /// Reads a pressure file; empty when the kernel has none (cgroup v1, `psi=0`).
  public static Optional<Pressure> read(Path file) throws IOException {
    try {
      return Optional.of(parse(Files.readString(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      if (Files.exists(file) && String.valueOf(e.getMessage()).contains("not supported")) {
        return Optional.empty(); // EOPNOTSUPP: built in but switched off
      }
      throw e;
    }
  }

  /// Of the whole machine.
  ///
  /// @param resource `cpu`, `memory` or `io`
  public static Optional<Pressure> ofMachine(String resource) throws IOException {
    return read(Path.of("/proc/pressure", resource));
  }

  static Pressure parse(String text) {
    Stall some = NONE;
    Stall full = NONE;
    for (String line : text.lines().toList()) {
      if (line.startsWith("some ")) {
        some = stall(line);
      } else if (line.startsWith("full ")) {
        full = stall(line);
      }
    }
    return new Pressure(some, full);
  }

  private static Stall stall(String line) {
    return new Stall(
        Double.parseDouble(value(line, "avg10")),
        Double.parseDouble(value(line, "avg60")),
        Double.parseDouble(value(line, "avg300")),
        Long.parseLong(value(line, "total")));
  }

  private static String value(String line, String key) {
    for (String word : line.split(" ")) {
      if (word.startsWith(key + "=")) {
        return word.substring(key.length() + 1);
      }
    }
    return "0";
  }
}
