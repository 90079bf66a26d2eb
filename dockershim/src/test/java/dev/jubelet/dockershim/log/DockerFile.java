package dev.jubelet.dockershim.log;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/// Writes and rotates a json-file as Docker does (moby
/// `daemon/logger/loggerutils/logfile.go`).
final class DockerFile {
  private static final Instant BEGIN = Instant.parse("2026-11-01T10:00:00Z");
  private final Path base;
  private final int maxFile;
  private final StringBuilder expected = new StringBuilder();
  private int count;

  DockerFile(Path base, int maxFile) {
    this.base = base;
    this.maxFile = maxFile;
  }

  Path base() {
    return base;
  }

  static String time(int i) {
    return BEGIN.plusNanos(1_000_001L * i).toString();
  }

  /// A whole line of the container.
  void line(String text) throws IOException {
    record(text, true, "stdout");
  }

  void record(String text, boolean whole, String stream) throws IOException {
    count++;
    String time = time(count);
    raw("{\"log\":\"%s%s\",\"stream\":\"%s\",\"time\":\"%s\"}\n"
        .formatted(text, whole ? "\\n" : "", stream, time));
    expected.append("%s %s %s %s\n".formatted(time, stream, whole ? "F" : "P", text));
  }

  /// A part of a line; all of them have the time of the line.
  void chunk(String text, String time) throws IOException {
    raw("{\"log\":\"%s\",\"stream\":\"stdout\",\"time\":\"%s\"}\n".formatted(text, time));
    expected.append("%s stdout P %s\n".formatted(time, text));
  }

  void raw(String text) throws IOException {
    Files.writeString(
        base,
        text,
        StandardCharsets.ISO_8859_1,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  void rotate() throws IOException {
    beginRotation();
    move(base, numbered(1));
    Files.createFile(base);
  }

  /// A rotation under way: nothing has the name `.1`.
  void beginRotation() throws IOException {
    Files.deleteIfExists(numbered(maxFile - 1));
    for (int i = maxFile - 2; i >= 1; i--) {
      move(numbered(i), numbered(i + 1));
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException fewerYet) {
      // as Docker, which ignores it too
    }
  }

  private Path numbered(int i) {
    return base.resolveSibling(base.getFileName() + "." + i);
  }

  /// The CRI lines of all records so far.
  String expected() {
    return expected.toString();
  }

  /// As [#expected], from that many characters on.
  String expectedFrom(int from) {
    return expected.substring(from);
  }
}
