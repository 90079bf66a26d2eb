package dev.jubelet.cli.doctor;

import dev.jubelet.dockershim.pods.OwnerId;
import dev.jubelet.linux.AtomicFile;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.stream.Collectors;

/// Reads the directories of a [Place]; changes nothing.
final class HomeLook {
  private static final String CORRUPT = ".corrupt-";

  private static final String MAIN = "dev.jubelet.cli.Main";

  /// For so long a pod may wait for its sandbox with nothing else to be seen.
  private static final Duration RECENT = Duration.ofSeconds(20);

  private final Place place;

  private HomeLook(Place place) {
    this.place = place;
  }

  static Home at(Place place) throws IOException {
    return new HomeLook(place).home();
  }

  private Home home() throws IOException {
    return new Home(
        place,
        OwnerId.of(place.shim()),
        Files.isDirectory(place.pods()) ? Optional.of(names(place.pods())) : Optional.empty(),
        begun(),
        names(place.podLogs()),
        links(),
        checkpoints(),
        logCheckpoints(),
        halfWritten());
  }

  private Set<String> begun() throws IOException {
    Set<String> begun = new HashSet<>();
    if (agentLives()) {
      Instant recently = Instant.now().minus(RECENT);
      for (Path pod : list(place.pods())) {
        if (Files.getLastModifiedTime(pod).toInstant().isAfter(recently)) {
          begun.add(name(pod));
        }
      }
    }
    return begun;
  }

  /// By the pid in the file that it locks.
  private boolean agentLives() {
    try {
      String pid = Files.readString(place.shim().resolve("lock")).strip();
      return pid.matches("\\d{1,9}")
          && Programs.commandLine(Long.parseLong(pid)).stream().anyMatch(MAIN::equals);
    } catch (IOException e) {
      return false;
    }
  }

  private Map<Path, String> links() throws IOException {
    Map<Path, String> links = new HashMap<>();
    for (Path link : list(place.links())) {
      if (Files.isSymbolicLink(link)) {
        Path target = link.resolveSibling(Files.readSymbolicLink(link)).normalize();
        if (target.startsWith(place.podLogs()) && !target.equals(place.podLogs())) {
          links.put(link, place.podLogs().relativize(target).getName(0).toString());
        }
      }
    }
    return links;
  }

  /// Those that were set aside too.
  private Map<Path, String> checkpoints() throws IOException {
    Map<Path, String> ids = new HashMap<>();
    for (Path file : list(place.checkpoints())) {
      String name = name(file);
      if (name.startsWith(CORRUPT)) {
        ids.put(file, name.substring(CORRUPT.length()));
      } else if (!name.startsWith(".")) {
        ids.put(file, name);
      }
    }
    return ids;
  }

  private Map<Path, String> logCheckpoints() throws IOException {
    Map<Path, String> ids = new HashMap<>();
    for (Path file : list(place.logCheckpoints())) {
      String name = name(file);
      int dot = name.indexOf('.');
      if (dot > 0) {
        ids.put(file, name.substring(0, dot));
      }
    }
    return ids;
  }

  private Set<Path> halfWritten() throws IOException {
    Set<Path> files = new HashSet<>();
    for (Path directory : List.of(place.shim(), place.checkpoints(), place.logCheckpoints())) {
      for (Path file : list(directory)) {
        Matcher name = AtomicFile.LEFT_OVER.matcher(name(file));
        if (name.matches() && !Files.exists(Path.of("/proc", name.group(1)))) {
          files.add(file);
        }
      }
    }
    return files;
  }

  static Set<String> names(Path directory) throws IOException {
    return list(directory).stream().map(HomeLook::name).collect(Collectors.toSet());
  }

  /// Empty when it is not there.
  static List<Path> list(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(found::add);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }
}
