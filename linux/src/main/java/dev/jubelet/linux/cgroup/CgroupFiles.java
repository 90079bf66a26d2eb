package dev.jubelet.linux.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// The forms of cgroup files that both versions share.
final class CgroupFiles {
  private CgroupFiles() {}

  static Path below(Path root, String path) {
    Path directory =
        root.resolve(path.startsWith("/") ? path.substring(1) : path).normalize();
    if (!directory.startsWith(root)) {
      throw new IllegalArgumentException("cgroup path leads out of " + root + ": " + path);
    }
    return directory;
  }

  static long number(Path file) throws IOException {
    return Long.parseLong(Files.readString(file).strip());
  }

  /// A file of lines `key value`.
  static Map<String, Long> table(Path file) throws IOException {
    Map<String, Long> values = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      int space = line.indexOf(' ');
      if (space > 0) {
        values.put(
            line.substring(0, space), Long.parseLong(line.substring(space + 1).strip()));
      }
    }
    return values;
  }

  static OptionalLong optionalNumber(Path file) throws IOException {
    try {
      return OptionalLong.of(number(file));
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
  }

  static List<Long> processes(Path directory) throws IOException {
    List<Long> pids = new ArrayList<>();
    collect(directory, pids);
    return pids;
  }

  private static void collect(Path directory, List<Long> into) throws IOException {
    for (String line : Files.readAllLines(directory.resolve("cgroup.procs"))) {
      into.add(Long.valueOf(line.strip()));
    }
    List<Path> children;
    try (Stream<Path> entries = Files.list(directory)) {
      children = entries.filter(Files::isDirectory).toList();
    }
    for (Path child : children) {
      try {
        collect(child, into);
      } catch (NoSuchFileException removedMeanwhile) {
        // its processes are gone
      }
    }
  }
}
