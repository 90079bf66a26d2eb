package dev.jubelet.kubelet.source;

import dev.jubelet.kubelet.pod.StaticPods;
import dev.jubelet.kubelet.yaml.BoundedYaml;
import dev.jubelet.linux.Inotify;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Static pods of a file or a directory. The directory is watched and, in case events were lost,
/// listed again every `fileCheckFrequency`; a file that did not change is not read again. Names
/// that
/// begin with a dot and sub-directories are passed over. A path that is not there is an empty
/// source, and is looked for until it comes.
public final class FileSource implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileSource.class);

  /// Below this age a file's time stamp cannot tell that it did not change.
  private static final Duration TIMESTAMP_GRAIN = Duration.ofSeconds(2);

  private final Path path;
  private final StaticPods reader;
  private final FileWatch watch;
  private final Consumer<SourceUpdate> updates;
  private final InstantSource clock;
  private final Thread thread;
  private final SortedMap<Path, Seen> files = new TreeMap<>();
  private @Nullable Snapshot last;
  private volatile boolean closed;

  private record Seen(Stamp stamp, ManifestText text) {}

  /// @param settled whether an equal stamp later proves equal content
  private record Stamp(Instant modified, long size, String key, boolean settled) {
    boolean equalTo(Stamp now) {
      return modified.equals(now.modified) && size == now.size && key.equals(now.key);
    }
  }

  public FileSource(
      Path path,
      StaticPods reader,
      Duration checkFrequency,
      Consumer<SourceUpdate> updates,
      InstantSource clock) {
    this(path, reader, checkFrequency, updates, clock, Inotify::new);
  }

  FileSource(
      Path path,
      StaticPods reader,
      Duration checkFrequency,
      Consumer<SourceUpdate> updates,
      InstantSource clock,
      FileWatch.Opener opener) {
    this.path = path.toAbsolutePath();
    this.reader = reader;
    this.watch = new FileWatch(this.path, checkFrequency, opener);
    this.updates = updates;
    this.clock = clock;
    this.thread = Thread.ofPlatform().daemon().name("file-source").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  @Override
  public void close() {
    closed = true;
    watch.wake();
    thread.interrupt();
  }

  private void run() {
    try (watch) {
      watch.prepare();
      refresh(Set.of());
      while (!closed) {
        Set<Path> changed = watch.await();
        if (!closed) {
          refresh(changed);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("Static pods of {} are no longer followed", path, e);
    }
  }

  /// @param changed what is known to have changed; empty when anything may have
  private void refresh(Set<Path> changed) {
    Instant noticed = clock.instant();
    try {
      readAll(changed);
    } catch (IOException e) {
      LOG.warn("Cannot read static pods of {}, those known stay: {}", path, e.toString());
      if (last == null) {
        return;
      }
    }
    Snapshot now = Snapshot.of(files.values().stream().map(Seen::text).toList());
    if (!now.equals(last)) {
      last = now;
      reader.retain(now.uids());
      updates.accept(now.update("file", noticed));
    }
  }

  private void readAll(Set<Path> changed) throws IOException {
    Map<Path, BasicFileAttributes> found = list();
    files.keySet().retainAll(found.keySet());
    found.forEach((file, attributes) -> {
      Seen before = files.get(file);
      Stamp stamp = stamp(attributes);
      if (before == null || mayDiffer(before.stamp(), stamp, file, changed)) {
        files.put(file, read(file, stamp, before));
      }
    });
  }

  private static boolean mayDiffer(Stamp before, Stamp now, Path file, Set<Path> changed) {
    boolean untold = changed.isEmpty() && !before.settled();
    return untold || changed.contains(file) || !before.equalTo(now);
  }

  private Map<Path, BasicFileAttributes> list() throws IOException {
    SortedMap<Path, BasicFileAttributes> found = new TreeMap<>();
    try {
      BasicFileAttributes own = Files.readAttributes(path, BasicFileAttributes.class);
      if (!own.isDirectory()) {
        found.put(path, own);
        return found;
      }
    } catch (NoSuchFileException e) {
      return found;
    }
    List<Path> entries;
    try (Stream<Path> stream = Files.list(path)) {
      entries = stream.filter(p -> !p.getFileName().toString().startsWith(".")).toList();
    }
    for (Path entry : entries) {
      try {
        BasicFileAttributes attributes = Files.readAttributes(entry, BasicFileAttributes.class);
        if (attributes.isRegularFile()) {
          found.put(entry, attributes);
        }
      } catch (IOException e) {
        LOG.debug("Passing over {}: {}", entry, e.toString());
      }
    }
    return found;
  }

  private Stamp stamp(BasicFileAttributes attributes) {
    Instant modified = attributes.lastModifiedTime().toInstant();
    boolean settled = modified.plus(TIMESTAMP_GRAIN).isBefore(clock.instant());
    return new Stamp(modified, attributes.size(), String.valueOf(attributes.fileKey()), settled);
  }

  private Seen read(Path file, Stamp stamp, @Nullable Seen before) {
    ManifestText old = before == null ? ManifestText.nothing(file.toString()) : before.text();
    ManifestText text;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(BoundedYaml.MAX_BYTES + 1);
      boolean beingWritten = bytes.length == 0 && !stamp.settled();
      text =
          beingWritten ? old : ManifestText.of(reader, bytes, "file:" + file, file.toString(), old);
      if (text.equals(old)) {
        text = old;
      }
    } catch (IOException e) {
      text = ManifestText.unreadable(file.toString(), "cannot be read: " + e.getMessage(), old);
    }
    return new Seen(stamp, text);
  }
}
