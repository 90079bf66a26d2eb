package dev.jubelet.kubelet.source;

import dev.jubelet.linux.Inotify;
import dev.jubelet.linux.Inotify.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Waits until a manifest file or directory may have changed. Where inotify cannot serve (its limit
/// is reached, the path is not there) waiting becomes a short sleep, and watching is tried again.
///
/// For one thread, except [#wake].
final class FileWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
  private static final Duration POLL = Duration.ofSeconds(2);

  /// Opens inotify; tests pass one that fails.
  interface Opener {
    Inotify open() throws IOException;
  }

  private final Path path;
  private final Duration checkFrequency;
  private final Opener opener;
  private volatile @Nullable Inotify inotify;
  private @Nullable Path watched;
  private boolean warned;

  FileWatch(Path path, Duration checkFrequency, Opener opener) {
    this.path = path;
    this.checkFrequency = checkFrequency;
    this.opener = opener;
  }

  /// Returns when something happened at the path, or when it is time to look by oneself.
  ///
  /// @return the entries that changed; empty when any may have
  Set<Path> await() throws InterruptedException {
    Inotify open = prepare();
    if (open == null) {
      Thread.sleep(POLL.compareTo(checkFrequency) < 0 ? POLL : checkFrequency);
      return Set.of();
    }
    try {
      long end = System.nanoTime() + checkFrequency.toNanos();
      while (System.nanoTime() < end) {
        List<Inotify.Event> events = open.take(Duration.ofNanos(end - System.nanoTime()));
        List<Inotify.Event> ours = events.stream().filter(this::matters).toList();
        if (events.isEmpty() || ours.stream().anyMatch(FileWatch::ofAnything)) {
          return Set.of();
        }
        if (!ours.isEmpty()) {
          return ours.stream().map(e -> e.watched().resolve(e.name())).collect(Collectors.toSet());
        }
      }
    } catch (IOException e) {
      LOG.warn("Watching {} ended, polling: {}", path, e.toString());
      drop();
    }
    return Set.of();
  }

  private static boolean ofAnything(Inotify.Event event) {
    return event.kinds().contains(Kind.OVERFLOW) || event.name().isEmpty();
  }

  void wake() {
    Inotify open = inotify;
    if (open != null) {
      open.wake();
    }
  }

  @Override
  public void close() {
    drop();
  }

  /// Starts watching unless it is under way, so that what changes from now on is not missed.
  ///
  /// @return null while it is not possible
  @Nullable
  Inotify prepare() {
    Path directory = Files.isDirectory(path) ? path : path.getParent();
    Inotify open = inotify;
    if (open != null && directory != null && directory.equals(watched)) {
      return open;
    }
    drop();
    if (directory == null || !Files.isDirectory(directory)) {
      return null;
    }
    return watch(directory);
  }

  private @Nullable Inotify watch(Path directory) {
    Inotify open = null;
    try {
      open = opener.open();
      open.watch(directory);
      inotify = open;
      watched = directory;
      warned = false;
      return open;
    } catch (IOException e) {
      if (open != null) {
        open.close();
      }
      if (!warned) {
        LOG.warn(
            "Cannot watch {} ({}), polling every {} s: raise fs.inotify.max_user_instances and"
                + " max_user_watches",
            directory,
            e.getMessage(),
            POLL.toSeconds());
        warned = true;
      }
      return null;
    }
  }

  /// A created file is empty yet; its end of writing is told apart. Links come whole.
  private boolean matters(Inotify.Event event) {
    if (ofAnything(event)) {
      watched = event.kinds().contains(Kind.OVERFLOW) ? watched : null;
      return true;
    }
    Path entry = event.watched().resolve(event.name());
    boolean ours =
        event.watched().equals(path) ? !event.name().startsWith(".") : entry.equals(path);
    boolean onlyCreated = event.kinds().equals(Set.of(Kind.CREATED));
    return ours && !(onlyCreated && isPlainNewFile(entry));
  }

  private static boolean isPlainNewFile(Path entry) {
    try {
      return Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)
          && Integer.valueOf(1).equals(Files.getAttribute(entry, "unix:nlink"));
    } catch (IOException e) {
      return false;
    }
  }

  private void drop() {
    Inotify open = inotify;
    inotify = null;
    watched = null;
    if (open != null) {
      open.close();
    }
  }
}
