package dev.jubelet.kubelet.logs;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What becomes of the rotated files of one log before it is rotated again (upstream's
/// `container_log_manager.go`): leftovers go, the oldest go, the others are compressed. The file
/// that was rotated last stays as it is until then, so that those who read it can finish. Pure.
///
/// @param remove oldest first
/// @param compress none of them is compressed yet
record LogRotation(List<String> remove, List<String> compress) {
  static final String COMPRESSED = ".gz";
  static final String TEMPORARY = ".tmp";

  /// @param log the name of the current file
  /// @param names all files beside it
  /// @param maxFiles at most so many are there after the rotation, the new current one included
  static LogRotation of(String log, List<String> names, int maxFiles) {
    Set<String> all = new HashSet<>(names);
    List<String> remove = new ArrayList<>();
    List<String> rotated = new ArrayList<>();
    for (String name : names.stream().sorted().toList()) {
      if (name.startsWith(log + ".")) {
        boolean leftover = name.endsWith(TEMPORARY) || all.contains(name + COMPRESSED);
        (leftover ? remove : rotated).add(name);
      }
    }
    int excess = Math.max(0, rotated.size() - Math.max(0, maxFiles - 2));
    remove.addAll(rotated.subList(0, excess));
    List<String> kept = rotated.subList(excess, rotated.size());
    return new LogRotation(
        remove, kept.stream().filter(name -> !name.endsWith(COMPRESSED)).toList());
  }
}
