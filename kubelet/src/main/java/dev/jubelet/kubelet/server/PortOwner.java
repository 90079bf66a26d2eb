package dev.jubelet.kubelet.server;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Finds who listens on a TCP port of this network namespace: `/proc/net/tcp` has the socket's
/// inode, `/proc/<pid>/fd` who holds it.
final class PortOwner {
  private static final String LISTENING = "0A";

  private PortOwner() {}

  /// @return such as `nginx (pid 812)`; empty when it cannot be seen from here
  static Optional<String> of(int port) {
    Set<String> sockets = listening(port);
    return sockets.isEmpty() ? Optional.empty() : holder(sockets);
  }

  static boolean isListening(int port) {
    return !listening(port).isEmpty();
  }

  private static Set<String> listening(int port) {
    Set<String> sockets = new HashSet<>();
    for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
      sockets.addAll(listening(Path.of(table), port));
    }
    return sockets;
  }

  private static Set<String> listening(Path table, int port) {
    Set<String> sockets = new HashSet<>();
    try {
      for (String line : Files.readAllLines(table)) {
        String[] fields = line.strip().split("\\s+");
        if (fields.length > 9
            && fields[3].equals(LISTENING)
            && fields[1].endsWith(":%04X".formatted(port))) {
          sockets.add("socket:[" + fields[9] + "]");
        }
      }
    } catch (IOException e) {
      return Set.of(); // no IPv6 here
    }
    return sockets;
  }

  private static Optional<String> holder(Set<String> sockets) {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (holds(process, sockets)) {
          return Optional.of("%s (pid %s)".formatted(command(process), process.getFileName()));
        }
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static boolean holds(Path process, Set<String> sockets) {
    try (DirectoryStream<Path> fds = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path fd : fds) {
        if (sockets.contains(target(fd))) {
          return true;
        }
      }
    } catch (IOException e) {
      return false; // it ended, or is another user's
    }
    return false;
  }

  private static String target(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static String command(Path process) {
    try {
      return Files.readString(process.resolve("comm")).strip();
    } catch (IOException e) {
      return "a process";
    }
  }
}
