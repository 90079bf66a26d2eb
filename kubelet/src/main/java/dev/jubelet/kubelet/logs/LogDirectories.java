package dev.jubelet.kubelet.logs;

import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.linux.KernelCall;
import dev.jubelet.linux.KernelCalls;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// `/var/log/pods` and the links in `/var/log/containers`. What is removed is always one pod's or
/// one container's, never what another kubelet on this node keeps there.
public final class LogDirectories {
  private static final Pattern LOG_FILE = Pattern.compile("(\\d{1,9})\\.log(\\..*)?");
  private static final Pattern NAME = Pattern.compile("[^/\\x00]*");
  private static final int NAME_MAX = 255;
  private static final String SUFFIX = ".log";
  private static final int DEPTH = 3;

  private final Path podLogs;
  private final Path containerLinks;
  private final Duration deadline;

  /// @param podLogs usually `/var/log/pods`
  /// @param containerLinks usually `/var/log/containers`
  /// @param deadline of each call; the disk of the logs may hang
  public LogDirectories(Path podLogs, Path containerLinks, Duration deadline) {
    this.podLogs = podLogs.toAbsolutePath().normalize();
    this.containerLinks = containerLinks.toAbsolutePath().normalize();
    this.deadline = deadline;
  }

  /// `<pod logs>/<namespace>_<name>_<uid>`.
  public Path podDir(FrozenPod pod) {
    return podDir(pod.namespace(), pod.name(), pod.uid());
  }

  private Path podDir(String namespace, String name, String uid) {
    return below(podLogs, "%s_%s_%s".formatted(namespace, name, uid));
  }

  // names come from manifests and from the runtime's labels
  private static Path below(Path parent, String name) {
    if (!NAME.matcher(name).matches() || name.equals("..") || name.equals(".") || name.isEmpty()) {
      throw new IllegalArgumentException("\"%s\" cannot name a log directory".formatted(name));
    }
    return parent.resolve(name);
  }

  /// Makes a container's log directory (0755); call it before CreateContainer.
  public void create(FrozenPod pod, String containerName) throws IOException {
    Path directory = below(podDir(pod), containerName);
    call("make log directory " + directory, () -> makeReadable(directory));
  }

  private static Path makeReadable(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return directory;
    }
    Path parent = directory.getParent();
    if (parent != null) {
      makeReadable(parent);
    }
    try {
      Files.createDirectory(directory);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw e;
      }
    }
    return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// The restart count that comes after the highest log file there; empty without any file. Used
  /// when the runtime lost a container's status.
  public OptionalInt nextRestartCount(FrozenPod pod, String containerName) throws IOException {
    Path directory = below(podDir(pod), containerName);
    return call("list " + directory, () -> nextNumber(directory));
  }

  private static OptionalInt nextNumber(Path directory) throws IOException {
    return names(directory).stream()
        .map(LOG_FILE::matcher)
        .filter(Matcher::matches)
        .mapToInt(file -> Integer.parseInt(file.group(1)) + 1)
        .max();
  }

  /// Links `<pod>_<namespace>_<container>-<id>.log` to the container's log; call it after
  /// StartContainer. Does nothing when there is no log file.
  public void link(FrozenPod pod, String containerName, String containerId, int restartCount)
      throws IOException {
    Path file = below(podDir(pod), containerName).resolve(restartCount + SUFFIX);
    Path link = linkPath(pod.namespace(), pod.name(), containerName, containerId);
    call("link " + link, () -> {
      if (Files.exists(file)) {
        makeReadable(containerLinks);
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, file);
      }
      return link;
    });
  }

  private Path linkPath(
      String namespace, String podName, String containerName, String containerId) {
    String name = "%s_%s_%s-%s".formatted(podName, namespace, containerName, containerId);
    int max = NAME_MAX - SUFFIX.length();
    return below(containerLinks, (name.length() > max ? name.substring(0, max) : name) + SUFFIX);
  }

  /// Removes the link and log files (rotated ones too) of one dead container instance.
  public void removeContainerLog(
      String namespace,
      String podName,
      String uid,
      String containerName,
      String containerId,
      int restartCount)
      throws IOException {
    Path directory = below(podDir(namespace, podName, uid), containerName);
    Path link = linkPath(namespace, podName, containerName, containerId);
    String log = restartCount + SUFFIX;
    call("remove the log of container " + containerId, () -> {
      for (String name : names(directory)) {
        if (name.equals(log) || name.startsWith(log + ".")) {
          Files.deleteIfExists(directory.resolve(name));
        }
      }
      return Files.deleteIfExists(link);
    });
  }

  /// Removes all logs of a pod and the links into them.
  public void removePod(String namespace, String podName, String uid) throws IOException {
    Path directory = podDir(namespace, podName, uid);
    call("remove logs " + directory, () -> {
      removeLinksInto(directory);
      removeTree(directory, DEPTH);
      return directory;
    });
  }

  private void removeLinksInto(Path directory) throws IOException {
    for (String name : names(containerLinks)) {
      Path link = containerLinks.resolve(name);
      if (Files.isSymbolicLink(link)
          && Files.readSymbolicLink(link).normalize().startsWith(directory)) {
        Files.deleteIfExists(link);
      }
    }
  }

  // pod, container, file: nobody but root writes here, and nothing is deeper
  private static void removeTree(Path path, int depth) throws IOException {
    if (depth > 0 && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      for (String name : names(path)) {
        removeTree(path.resolve(name), depth - 1);
      }
    }
    Files.deleteIfExists(path);
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> list = Files.list(directory)) {
      return list.map(path -> path.getFileName().toString()).toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  private <T> T call(String what, KernelCall<T> work) throws IOException {
    return KernelCalls.call(what, deadline, work);
  }
}
