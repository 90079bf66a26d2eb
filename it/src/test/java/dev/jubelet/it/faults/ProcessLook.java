package dev.jubelet.it.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// A process from outside.
///
/// @param sockets how many are open
/// @param files what else is open, but for jars, which are opened when a class of theirs is needed
/// @param namespaces the network namespaces that its threads are in
record ProcessLook(int threads, int sockets, List<String> files, Set<String> namespaces) {

  static ProcessLook at(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    Set<String> namespaces = new TreeSet<>();
    List<Path> tasks = list(process.resolve("task"));
    for (Path task : tasks) {
      target(task.resolve("ns/net")).forEach(namespaces::add);
    }
    List<String> open = new ArrayList<>();
    for (Path file : list(process.resolve("fd"))) {
      target(file).filter(name -> !name.endsWith(".jar")).forEach(open::add);
    }
    int all = open.size();
    open.removeIf(name -> name.startsWith("socket:"));
    return new ProcessLook(tasks.size(), all - open.size(), open, namespaces);
  }

  /// Nothing of one that ended meanwhile.
  private static Stream<String> target(Path link) throws IOException {
    try {
      return Stream.of(Files.readSymbolicLink(link).toString());
    } catch (NoSuchFileException e) {
      return Stream.empty();
    }
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }
}
