package dev.jubelet.kubelet.logs;

import dev.jubelet.linux.KernelCall;
import dev.jubelet.linux.KernelCalls;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads a container's log, of CRI's format or Docker's JSON. As upstream, the current file only:
/// rotated ones are not shown.
public final class LogReader {
  private final Path file;
  private final Duration deadline;

  /// What to read.
  ///
  /// @param tailLines counted in records; empty for all
  /// @param limitBytes of text; empty for no limit
  public record Selection(
      OptionalLong tailLines, Optional<Instant> since, OptionalLong limitBytes) {
    public static final Selection ALL =
        new Selection(OptionalLong.empty(), Optional.empty(), OptionalLong.empty());

    public static Selection tail(long lines) {
      return new Selection(OptionalLong.of(lines), Optional.empty(), OptionalLong.empty());
    }
  }

  /// Takes the records in the file's order.
  @FunctionalInterface
  public interface Sink {
    void accept(LogRecord record) throws IOException;
  }

  /// @param deadline of each read; the disk of the logs may hang
  public LogReader(Path file, Duration deadline) {
    this.file = file;
    this.deadline = deadline;
  }

  /// Reads what is there now.
  ///
  /// @throws java.nio.file.NoSuchFileException when there is no log
  public void read(Selection selection, Sink sink) throws IOException {
    try (Cursor cursor = new Cursor(selection)) {
      cursor.drain(sink);
    }
  }

  private <T> T call(String what, KernelCall<T> work) throws IOException {
    return KernelCalls.call(what + " " + file, deadline, work);
  }

  /// The place in the log.
  private final class Cursor implements AutoCloseable {
    private final Optional<Instant> since;
    private final LogFile open;
    private long left;

    Cursor(Selection selection) throws IOException {
      this.since = selection.since();
      this.left = selection.limitBytes().orElse(Long.MAX_VALUE);
      this.open = call("open log", () -> LogFile.open(file));
      if (selection.tailLines().isPresent()) {
        call("find the tail of log", seek(selection.tailLines().getAsLong()));
      }
    }

    private KernelCall<Boolean> seek(long lines) {
      return () -> {
        open.seekTail(lines);
        return true;
      };
    }

    /// Reads to the end of the open file; false when the limit is reached.
    boolean drain(Sink sink) throws IOException {
      List<byte[]> lines = new ArrayList<>();
      while (left > 0) {
        if (!call("read log", () -> open.read(lines))) {
          return true;
        }
        for (byte[] line : lines) {
          Optional<LogRecord> record = LogRecord.parse(line).filter(this::wanted);
          if (record.isPresent() && left > 0) {
            sink.accept(limited(record.get()));
          }
        }
        lines.clear();
      }
      return false;
    }

    private boolean wanted(LogRecord record) {
      return since.isEmpty() || !record.time().isBefore(since.get());
    }

    private LogRecord limited(LogRecord record) {
      int length = (int) Math.min(left, record.text().length);
      left -= length;
      return length == record.text().length
          ? record
          : new LogRecord(record.time(), record.stream(), Arrays.copyOf(record.text(), length));
    }

    @Override
    public void close() throws IOException {
      open.close();
    }
  }
}
