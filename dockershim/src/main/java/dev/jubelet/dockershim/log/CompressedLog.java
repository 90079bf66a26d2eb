package dev.jubelet.dockershim.log;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A rotated log file that the kubelet compressed: `<log>.<timestamp>.gz`.
record CompressedLog(Path file) {
  private static final Logger log = LoggerFactory.getLogger(CompressedLog.class);
  private static final int LAST_LINE = 256 * 1024;

  /// The one that was rotated last.
  static Optional<CompressedLog> newestBeside(Path path) throws IOException {
    String prefix = path.getFileName() + ".";
    Path directory = Objects.requireNonNull(path.getParent(), "a log file has a directory");
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(entry -> String.valueOf(entry.getFileName()).startsWith(prefix))
          .filter(entry -> entry.toString().endsWith(".gz"))
          .max(Comparator.naturalOrder())
          .map(CompressedLog::new);
    }
  }

  /// The time of its last whole line; empty without one, or when it cannot be read.
  Optional<Instant> lastTime() {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      byte[] last = {};
      for (byte[] next = in.readNBytes(LAST_LINE); next.length > 0; ) {
        byte[] both = Arrays.copyOf(last, last.length + next.length);
        System.arraycopy(next, 0, both, last.length, next.length);
        last = Arrays.copyOfRange(both, Math.max(0, both.length - LAST_LINE), both.length);
        next = in.readNBytes(LAST_LINE);
      }
      return Times.last(last);
    } catch (IOException e) {
      log.warn("{} cannot be read: {}", file, e.toString());
      return Optional.empty();
    }
  }
}
