package dev.jubelet.cni;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The default network: the first valid `.conf`, `.conflist` or `.json` of a directory, by name.
/// Every use looks whether the directory or a plugin directory changed (a few stats, no reading),
/// so that a change counts at once; an unusable network is tried again every few seconds besides.
/// The last good network stays when its file disappears or breaks.
public final class ConfDirectory {
  private static final Logger log = LoggerFactory.getLogger(ConfDirectory.class);
  private static final long RETRY_NANOS = Duration.ofSeconds(5).toNanos();
  private static final int MAX_CONF = 1024 * 1024;

  private final Path dir;
  private final PluginDirs plugins;
  private final Validator validator;
  private final ReentrantLock loading = new ReentrantLock();
  private volatile State state = new State(Optional.empty(), "", "", 0);

  /// @param validator is asked once for each changed file, and may be slow
  public ConfDirectory(Path dir, PluginDirs plugins, Validator validator) {
    this.dir = dir;
    this.plugins = plugins;
    this.validator = validator;
  }

  /// Whether a network can be used, beyond its being well-formed.
  @FunctionalInterface
  public interface Validator {
    void validate(NetworkConf network) throws CniException, InterruptedException;
  }

  private record State(
      Optional<NetworkConf> network, String problem, String signature, long loadedAtNanos) {}

  /// The network to use now; empty when there never was a valid one. While another thread reads a
  /// changed directory, the one before is given.
  public Optional<NetworkConf> current() throws InterruptedException {
    String signature = signature();
    if (upToDate(signature)) {
      return state.network();
    }
    if (state.network().isPresent()) {
      if (!loading.tryLock()) {
        return state.network();
      }
    } else {
      loading.lockInterruptibly();
    }
    try {
      if (!upToDate(signature)) {
        load(signature);
      }
      return state.network();
    } finally {
      loading.unlock();
    }
  }

  /// Why the newest files are not in use, naming the file and the cause; empty when they are.
  public String problem() {
    return state.problem();
  }

  private boolean upToDate(String signature) {
    State seen = state;
    boolean fresh =
        seen.problem().isEmpty() || System.nanoTime() - seen.loadedAtNanos() < RETRY_NANOS;
    return fresh && seen.signature().equals(signature);
  }

  private void load(String signature) throws InterruptedException {
    List<String> problems = new ArrayList<>();
    @Nullable NetworkConf found = null;
    for (Path file : files(problems)) {
      try {
        NetworkConf network = read(file);
        validator.validate(network);
        found = network;
        break;
      } catch (CniException | IOException e) {
        problems.add(file + ": " + e.getMessage());
      }
    }
    if (found == null && problems.isEmpty()) {
      problems.add("no networks found in " + dir);
    }
    become(Optional.ofNullable(found), String.join("; ", problems), signature);
  }

  private void become(Optional<NetworkConf> found, String problem, String signature) {
    State before = state;
    if (!problem.isEmpty() && !problem.equals(before.problem())) {
      log.warn("Unable to update cni config: {}", problem);
    }
    if (found.isPresent() && !found.equals(before.network())) {
      log.info("CNI network \"{}\" in use, from {}", found.get().name(), dir);
    }
    // A file that was skipped is not a reason to try again: an earlier or later one is in use.
    state = new State(
        found.or(before::network), found.isPresent() ? "" : problem, signature, System.nanoTime());
  }

  private static NetworkConf read(Path file) throws CniException, IOException {
    if (Files.size(file) > MAX_CONF) {
      throw new CniException("configuration is over " + MAX_CONF + " bytes");
    }
    return NetworkConf.parse(Files.readAllBytes(file));
  }

  private List<Path> files(List<String> problems) {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        boolean named =
            name.endsWith(".conf") || name.endsWith(".conflist") || name.endsWith(".json");
        if (named && Files.isRegularFile(entry)) {
          files.add(entry);
        }
      }
    } catch (NoSuchFileException _) {
      problems.add("no networks found in " + dir + ": it does not exist");
    } catch (IOException | DirectoryIteratorException e) {
      problems.add("cannot list " + dir + ": " + e.getMessage());
    }
    files.sort((a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString()));
    return files;
  }

  private String signature() {
    StringBuilder text = new StringBuilder();
    for (Path file : files(new ArrayList<>())) {
      append(text, file);
    }
    plugins.dirs().forEach(plugin -> append(text, plugin));
    return text.toString();
  }

  private static void append(StringBuilder text, Path path) {
    text.append(path);
    try {
      BasicFileAttributes seen = Files.readAttributes(path, BasicFileAttributes.class);
      text.append(' ')
          .append(seen.fileKey())
          .append(' ')
          .append(seen.size())
          .append(' ')
          .append(seen.lastModifiedTime().toInstant());
    } catch (IOException _) {
      text.append(" absent");
    }
    text.append('\n');
  }
}
