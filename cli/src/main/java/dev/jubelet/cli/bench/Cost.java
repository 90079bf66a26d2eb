package dev.jubelet.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a process costs, from /proc.
final class Cost {
  private static final double TICKS_PER_SECOND = 100;

  private Cost() {}

  /// User and system CPU seconds so far.
  static double cpuSeconds(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  /// Proportional set size in MiB.
  static double pssMib(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
      if (line.startsWith("Pss:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IOException("no Pss in /proc/" + pid + "/smaps_rollup");
  }
}
