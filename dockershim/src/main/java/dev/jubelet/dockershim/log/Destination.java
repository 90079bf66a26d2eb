package dev.jubelet.dockershim.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
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

  private Destination(Path path) throws IOException {
    this.path = path;
    this.channel = append(path);
    this.id = idOf(path);
  }

  /// Opens or makes the file; what it holds stays and nothing is compared with it.
  static Destination open(Path path) throws IOException {
    Destination destination = new Destination(path);
    destination.endLine();
    return destination;
  }

  /// Opens it for a replay from a checkpoint. The file of that time may be a sibling now
  /// (`<log>.<timestamp>`), when the process died between the kubelet's rename and its Reopen; if
  /// it
  /// was compressed or removed, it counts as held.
  static Destination resume(Path path, FileId was, long length) throws IOException {
    Optional<Path> then =
        FileId.of(path).filter(was::equals).isPresent() ? Optional.of(path) : sibling(path, was);
    Destination destination = new Destination(path);
    if (then.isPresent()) {
      destination.hold(then.get(), length);
      if (!then.get().equals(path)) {
        destination.hold(path, 0);
      }
    }
    if (destination.held.isEmpty()) {
      destination.endLine();
    }
    return destination;
  }

  private void hold(Path file, long from) throws IOException {
    Held part = Held.of(file, from);
    if (part.exhausted()) {
      part.close();
    } else {
      held.add(part);
    }
  }

  private static Optional<Path> sibling(Path path, FileId was) throws IOException {
    String prefix = path.getFileName() + ".";
    Path directory = Objects.requireNonNull(path.getParent(), "a log file has a directory");
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        if (String.valueOf(entry.getFileName()).startsWith(prefix)
            && FileId.of(entry).filter(was::equals).isPresent()) {
          return Optional.of(entry);
        }
      }
    }
    return Optional.empty();
  }

  FileId id() {
    return id;
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

  /// Appends lines; `lines` begins with a whole one. After an exception its position says what is
  /// still to be written.
  void write(ByteBuffer lines) throws IOException {
    while (lines.hasRemaining() && !held.isEmpty()) {
      Held first = held.getFirst();
      if (!first.consume(lines)) {
        differ(lines);
      } else if (first.exhausted()) {
        held.removeFirst().close();
        if (held.isEmpty() && !first.path().equals(path)) {
          finishLine(first.path(), lines);
        }
      }
    }
    while (lines.hasRemaining()) {
      channel.write(lines);
    }
  }

  // A kill left half a line in a file that was renamed since.
  private static void finishLine(Path file, ByteBuffer lines) throws IOException {
    int end = lines.position();
    if (end == 0 || lines.get(end - 1) == '\n') {
      return;
    }
    while (end < lines.limit() && lines.get(end - 1) != '\n') {
      end++;
    }
    ByteBuffer rest = lines.slice(lines.position(), end - lines.position());
    try (FileChannel old = FileChannel.open(file, StandardOpenOption.APPEND)) {
      while (rest.hasRemaining()) {
        old.write(rest);
      }
    }
    lines.position(end);
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
        "the place in this log was lost over a restart: lines may be repeated here");
    channel.write(ByteBuffer.wrap(marker));
  }

  private void drop() throws IOException {
    while (!held.isEmpty()) {
      held.removeFirst().close();
    }
  }

  // After a power loss the file may end within a line.
  private void endLine() throws IOException {
    byte[] end = tail(path, 1);
    if (end.length > 0 && end[0] != '\n') {
      channel.write(ByteBuffer.wrap(new byte[] {'\n'}));
    }
  }

  /// The time of the last whole line; empty when there is none.
  Optional<Instant> lastTime() throws IOException {
    String[] lines = new String(tail(path, LAST_LINE), StandardCharsets.ISO_8859_1).split("\n");
    for (int i = lines.length - 1; i >= 0; i--) {
      Optional<Instant> time = timeOf(lines[i]);
      if (time.isPresent()) {
        return time;
      }
    }
    return Optional.empty();
  }

  private static Optional<Instant> timeOf(String line) {
    int space = line.indexOf(' ');
    return space < 0 ? Optional.empty() : Times.parse(line.substring(0, space));
  }

  private static byte[] tail(Path file, int most) throws IOException {
    try (FileChannel reader = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(most, reader.size()));
      long from = reader.size() - bytes.capacity();
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
    drop();
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
