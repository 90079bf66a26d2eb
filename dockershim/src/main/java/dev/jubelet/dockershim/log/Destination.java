package dev.jubelet.dockershim.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// The CRI log file of a container. Only ever appended to, never truncated.
final class Destination implements AutoCloseable {
  private static final Set<OpenOption> APPEND = Set.of(
      StandardOpenOption.CREATE,
      StandardOpenOption.WRITE,
      StandardOpenOption.APPEND,
      LinkOption.NOFOLLOW_LINKS);
  private static final int LAST_LINE = 256 * 1024;

  private final Path path;
  private final Deque<Held> held = new ArrayDeque<>();
  private FileChannel channel;
  private FileId id;
  private boolean mismatch;
  private Optional<Instant> lastTime = Optional.empty();
  private Optional<Instant> compressedUntil = Optional.empty();

  private Destination(Path path) throws IOException {
    this.path = path;
    this.channel = append(path);
    this.id = idOf(path);
  }

  /// Opens or makes the file, for a replay from the checkpoint when there is one.
  static Destination at(Path path, Optional<LogCheckpoint> saved) throws IOException {
    return saved.isPresent()
        ? resume(path, saved.get().destination(), saved.get().length())
        : open(path);
  }

  // What it holds stays and nothing is compared with it.
  private static Destination open(Path path) throws IOException {
    Destination destination = new Destination(path);
    destination.lastTime = lastTime(path, Long.MAX_VALUE);
    destination.endLine();
    return destination;
  }

  // The file of that time may be a sibling now (`<log>.<timestamp>`), when the process died
  // between the kubelet's rename and its Reopen; if it was compressed or removed, it counts as
  // held.
  private static Destination resume(Path path, FileId was, long length) throws IOException {
    Optional<Path> then = isNow(path, was.inode()) ? Optional.of(path) : sibling(path, was.inode());
    Destination destination = new Destination(path);
    if (then.isPresent()) {
      destination.lastTime = lastTime(then.get(), length);
      destination.hold(then.get(), length);
      if (!then.get().equals(path)) {
        destination.hold(path, 0);
      }
    } else {
      destination.compressedUntil =
          CompressedLog.newestBeside(path).flatMap(CompressedLog::lastTime);
      destination.lastTime = destination.compressedUntil;
    }
    if (destination.held.isEmpty()) {
      destination.endLine();
    }
    return destination;
  }

  // By inode only: all are in one directory, whose device has another number after a reboot.
  private static boolean isNow(Path path, long inode) throws IOException {
    return FileId.of(path).filter(now -> now.inode() == inode).isPresent();
  }

  private void hold(Path file, long from) throws IOException {
    Held part = Held.of(file, from);
    if (part.exhausted()) {
      part.close();
    } else {
      held.add(part);
    }
  }

  private static Optional<Path> sibling(Path path, long inode) throws IOException {
    String prefix = path.getFileName() + ".";
    Path directory = Objects.requireNonNull(path.getParent(), "a log file has a directory");
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        if (String.valueOf(entry.getFileName()).startsWith(prefix) && isNow(entry, inode)) {
          return Optional.of(entry);
        }
      }
    }
    return Optional.empty();
  }

  FileId id() {
    return id;
  }

  /// The time of the last whole line before the place that is gone on from; empty without one.
  Optional<Instant> lastTime() {
    return lastTime;
  }

  /// When the file of the checkpoint is not there any more: the time of the last line that was
  /// compressed. What is not newer is held there.
  Optional<Instant> compressedUntil() {
    return compressedUntil;
  }

  long length() throws IOException {
    return channel.size();
  }

  /// Whether a replay is still being compared with what the file holds.
  boolean replaying() {
    return !held.isEmpty();
  }

  /// True once after a replay met something else than what it would have written.
  boolean tookMismatch() {
    boolean was = mismatch;
    mismatch = false;
    return was;
  }

  /// Appends lines; `lines` begins with a whole one. After an exception its position says what
  /// is still to be written.
  void write(ByteBuffer lines) throws IOException {
    while (lines.hasRemaining() && !held.isEmpty()) {
      Held first = held.getFirst();
      if (!first.consume(lines)) {
        differ(lines);
      } else if (first.exhausted()) {
        held.removeFirst().close();
        if (held.isEmpty() && first.inode() != id.inode()) {
          finishLine(first.inode(), lines);
        }
      }
    }
    while (lines.hasRemaining()) {
      channel.write(lines);
    }
  }

  // A kill left half a line in a file that was renamed since. Compressed or removed meanwhile,
  // it counts as held.
  private void finishLine(long inode, ByteBuffer lines) throws IOException {
    int end = lines.position();
    while (end > 0 && end < lines.limit() && lines.get(end - 1) != '\n') {
      end++;
    }
    ByteBuffer rest = lines.slice(lines.position(), end - lines.position());
    Optional<Path> file = sibling(path, inode);
    if (file.isEmpty()) {
      rest.position(rest.limit());
    }
    if (rest.hasRemaining()) {
      try (FileChannel old = FileChannel.open(file.get(), StandardOpenOption.APPEND)) {
        while (rest.hasRemaining()) {
          old.write(rest);
        }
      } finally {
        lines.position(lines.position() + rest.position());
      }
    } else {
      lines.position(end);
    }
  }

  private void differ(ByteBuffer lines) throws IOException {
    drop();
    mismatch = true;
    int start = lines.position();
    while (start > 0 && lines.get(start - 1) != '\n') {
      start--;
    }
    lines.position(start);
    endLine();
    byte[] marker = Marker.line(
        Instant.now().toString(),
        "the place in this log was lost over a restart: lines may be missing or repeated here");
    channel.write(ByteBuffer.wrap(marker));
  }

  private void drop() throws IOException {
    while (!held.isEmpty()) {
      held.removeFirst().close();
    }
  }

  // After a power loss the file may end within a line.
  private void endLine() throws IOException {
    byte[] end = tail(path, 1, Long.MAX_VALUE);
    if (end.length > 0 && end[0] != '\n') {
      channel.write(ByteBuffer.wrap(new byte[] {'\n'}));
    }
  }

  private static Optional<Instant> lastTime(Path file, long length) throws IOException {
    return Times.last(tail(file, LAST_LINE, length));
  }

  private static byte[] tail(Path file, int most, long length) throws IOException {
    try (FileChannel reader = FileChannel.open(file, StandardOpenOption.READ)) {
      long end = Math.min(length, reader.size());
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(most, end));
      long from = end - bytes.capacity();
      while (bytes.hasRemaining()) {
        if (reader.read(bytes, from + bytes.position()) <= 0) {
          break;
        }
      }
      return Arrays.copyOf(bytes.array(), bytes.position());
    }
  }

  /// Goes on in the file that `path` names now, making it when there is none.
  void reopen() throws IOException {
    FileChannel fresh = append(path);
    channel.close();
    channel = fresh;
    id = idOf(path);
  }

  private static FileChannel append(Path path) throws IOException {
    return FileChannel.open(
        path,
        APPEND,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
  }

  private static FileId idOf(Path path) throws IOException {
    return FileId.of(path).orElseThrow(() -> new IOException(path + " vanished"));
  }

  @Override
  public void close() throws IOException {
    drop();
    channel.close();
  }
}
