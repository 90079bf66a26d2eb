package dev.jubelet.cni;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// Where plugin programs are looked for, first directory first.
public record PluginDirs(List<Path> dirs) {
  public PluginDirs {
    dirs = List.copyOf(dirs);
  }

  /// Finds a plugin's program.
  ///
  /// @throws CniException when no directory has it; the message names all of them
  Path find(String type) throws CniException {
    requireType(type, "type");
    for (Path dir : dirs) {
      Path program = dir.resolve(type);
      if (Files.isRegularFile(program) && Files.isExecutable(program)) {
        return program;
      }
    }
    throw new CniException("failed to find plugin \"%s\" in path %s".formatted(type, dirs)
        + ": install it there or name its directory in --cni-bin-dir");
  }

  /// A plugin is named, never pathed: a type with a path would run any program of the host as root
  /// (CVE-2021-20206).
  static void requireType(String type, String field) throws CniException {
    boolean bad = type.isBlank()
        || type.equals(".")
        || type.equals("..")
        || type.indexOf('/') >= 0
        || type.indexOf('\\') >= 0
        || type.indexOf('\0') >= 0;
    if (bad) {
      throw new CniException(
          field + " \"" + type + "\" is not a plugin's name: a path or nothing is not allowed");
    }
  }

  /// The text of `CNI_PATH`.
  String path() {
    return dirs.stream().map(Path::toString).collect(Collectors.joining(":"));
  }
}
