package dev.jubelet.it.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.List;

/// The failpoints of a program under test: the file that testkit's `Failpoints` reads there.
final class Points {
  private final Path file;
  private final Path log;

  Points(Path directory) {
    file = directory.resolve("failpoints");
    log = directory.resolve("failpoints.log");
  }

  /// What the program is started with.
  String jvmOption() {
    return "-Djubelet.failpoints=" + file;
  }

  /// From now on these and no others; forgets what fired and was passed.
  void arm(Collection<String> lines) throws IOException {
    Files.deleteIfExists(log);
    Path hidden = file.resolveSibling(".failpoints");
    Files.write(hidden, lines);
    Files.move(hidden, file, StandardCopyOption.ATOMIC_MOVE);
  }

  void disarm() throws IOException {
    arm(List.of());
  }

  /// The lines that acted since they were armed.
  List<String> fired() throws IOException {
    return told("fired ");
  }

  /// The steps, as `<kind>/<name>`, in the order in which they were first passed.
  List<String> passed() throws IOException {
    return told("passed ");
  }

  private List<String> told(String what) throws IOException {
    try {
      return Files.readAllLines(log).stream()
          .filter(line -> line.startsWith(what))
          .map(line -> line.substring(what.length()))
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }
}
