package dev.jubelet.cli.look;

import dev.jubelet.cri.log.CriLogLine;
import dev.jubelet.cri.log.CriLogLine.Stream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// A CRI log file that is read as it grows. Partial records are joined; after a rotation the rest
/// of the old file comes before the new one.
public final class LogFile implements AutoCloseable {

  /// A line that never ends is handed on in pieces of this many bytes.
  private static final int MAX_LINE_BYTES = 1024 * 1024;

  private static final int MAX_READ_BYTES = 4 * 1024 * 1024;

  private final Path path;
  private FileChannel channel;
  private Object identity;
  private byte[] rest = new byte[0];
  private final Map<Stream, ByteArrayOutputStream> partial = new EnumMap<>(Stream.class);

  /// A whole line of the container, without its newline.
  @SuppressWarnings("ArrayRecordComponent") // handed on once, copying would cost each line
  public record Line(String time, Stream stream, byte[] text) {}

  public LogFile(Path path) throws IOException {
    this.path = path;
    channel = FileChannel.open(path, StandardOpenOption.READ);
    identity = identityOf(path);
  }

  /// What was written since the last call, in order; empty at the end of the file.
  public List<Line> read() throws IOException {
    List<Line> lines = new ArrayList<>(drain());
    if (lines.isEmpty() && rotated()) {
      lines.addAll(drain()); // what was written before the switch
      channel.close();
      identity = identityOf(path);
      channel = FileChannel.open(path, StandardOpenOption.READ);
      rest = new byte[0];
      lines.addAll(drain());
    }
    return lines;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private boolean rotated() {
    try {
      return !identityOf(path).equals(identity);
    } catch (IOException e) {
      return false;
    }
  }

  private List<Line> drain() throws IOException {
    List<Line> lines = new ArrayList<>();
    ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    for (int total = 0; total < MAX_READ_BYTES; ) {
      buffer.clear();
      int count = channel.read(buffer);
      if (count <= 0) {
        break;
      }
      total += count;
      split(buffer.array(), count, lines);
    }
    return lines;
  }

  private void split(byte[] bytes, int count, List<Line> lines) {
    int from = 0;
    for (int at = 0; at < count; at++) {
      if (bytes[at] == '\n') {
        record(append(bytes, from, at), lines);
        rest = new byte[0];
        from = at + 1;
      }
    }
    rest = append(bytes, from, count);
    if (rest.length > MAX_LINE_BYTES) {
      record(rest, lines);
      rest = new byte[0];
    }
  }

  private byte[] append(byte[] bytes, int from, int to) {
    byte[] whole = Arrays.copyOf(rest, rest.length + to - from);
    System.arraycopy(bytes, from, whole, rest.length, to - from);
    return whole;
  }

  private void record(byte[] raw, List<Line> lines) {
    CriLogLine line = CriLogLine.decode(raw)
        .orElseGet(() -> new CriLogLine(Instant.EPOCH, Stream.STDOUT, false, raw));
    ByteArrayOutputStream begun =
        partial.computeIfAbsent(line.stream(), _ -> new ByteArrayOutputStream());
    begun.writeBytes(line.text());
    if (!line.partial() || begun.size() > MAX_LINE_BYTES) {
      lines.add(new Line(CriLogLine.timestamp(line.time()), line.stream(), begun.toByteArray()));
      begun.reset();
    }
  }

  /// A container that ended without a newline left a partial record: its text, if any.
  public List<Line> leftover() {
    List<Line> lines = new ArrayList<>();
    partial.forEach((stream, begun) -> {
      if (begun.size() > 0) {
        lines.add(new Line("", stream, begun.toByteArray()));
        begun.reset();
      }
    });
    return lines;
  }

  private static Object identityOf(Path path) throws IOException {
    Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    if (key == null) {
      throw new NoSuchFileException(path.toString());
    }
    return key;
  }
}
