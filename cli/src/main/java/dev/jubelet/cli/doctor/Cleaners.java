package dev.jubelet.cli.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Looks for what prunes containers and images now and then: cron tables, systemd units, running
/// programs. What hides in a script that these call is not seen.
final class Cleaners {
  private static final Pattern CLEANS =
      Pattern.compile("docker\\b[^;|&]*\\s(system|container|image)\\s+prune"
          + "|docker-gc\\b|docker-cleanup\\b|docker\\s+rmi?\\s+(-\\S+\\s+)*(\\$\\(|`)");

  private static final List<String> DIRECTORIES = List.of(
      "etc/cron.d",
      "etc/cron.hourly",
      "etc/cron.daily",
      "etc/cron.weekly",
      "etc/cron.monthly",
      "var/spool/cron",
      "var/spool/cron/crontabs",
      "etc/systemd/system",
      "usr/local/lib/systemd/system",
      "usr/lib/systemd/system");
  private static final int MAX_FILE = 64 * 1024;

  private Cleaners() {}

  static boolean cleans(String text) {
    return text.lines()
        .filter(line -> !line.strip().startsWith("#"))
        .anyMatch(line -> CLEANS.matcher(line).find());
  }

  /// @param top usually `/`
  static List<String> files(Path top) throws IOException {
    List<Path> files = new ArrayList<>(List.of(top.resolve("etc/crontab")));
    for (String directory : DIRECTORIES) {
      files.addAll(HomeLook.list(top.resolve(directory)));
    }
    List<String> found = new ArrayList<>();
    for (Path file : files) {
      if (cleans(read(file))) {
        found.add(file.toString());
      }
    }
    return found.stream().sorted().toList();
  }

  private static String read(Path file) {
    try {
      return Files.isRegularFile(file) && Files.size(file) <= MAX_FILE
          ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
          : "";
    } catch (IOException e) {
      return ""; // it went, or is a dangling link: no cleaner
    }
  }
}
