package dev.jubelet.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What a process costs, from /proc.
final class Cost {
  private static final double TICKS_PER_SECOND = 100;
  private static final String JAVA_HOME = System.getProperty("java.home") + "/";
  private static final Pattern MAPPING = Pattern.compile("[0-9a-f]+-[0-9a-f]+ ");

  private Cost() {}

  /// User and system CPU seconds so far.
  static double cpuSeconds(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  /// Proportional set size in MiB, as it is without this process beside it: of the Java machine and
  /// the class-data archive all counts, though both have them.
  static double pssMib(long pid) throws IOException {
    Set<String> ours = mapped(Files.readAllLines(Path.of("/proc/self/maps")));
    long kib = 0;
    boolean whole = false;
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps"))) {
      if (!line.startsWith("Pss:") && !line.startsWith("Rss:")) {
        whole = MAPPING.matcher(line).lookingAt() ? ours.contains(file(line)) : whole;
      } else if (line.startsWith(whole ? "Rss:" : "Pss:")) {
        kib += Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return kib / 1024.0;
  }

  private static Set<String> mapped(List<String> maps) {
    return maps.stream()
        .map(Cost::file)
        .filter(name -> name.startsWith(JAVA_HOME) || name.endsWith(".aot"))
        .collect(Collectors.toSet());
  }

  /// Of a line of `maps`, which has six columns.
  private static String file(String line) {
    String[] columns = line.split(" +", 6);
    return columns.length < 6 ? "" : columns[5];
  }
}
