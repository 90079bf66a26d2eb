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
import java.util.function.BooleanSupplier;

/// Reads a container's log, of CRI's format or Docker's JSON, and follows it across rotation. As
/// upstream, reading starts in the current file: rotated ones are not shown.
public final class LogReader {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

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

  /// Reads until the container has stopped and all its text was read, the limit is reached, or the
  /// thread is interrupted.
  ///
  /// @param running asked at each end of the file
  public void follow(Selection selection, BooleanSupplier running, Sink sink)
      throws IOException, InterruptedException {
    try (Cursor cursor = new Cursor(selection)) {
      boolean stopped = false;
      while (cursor.drain(sink)) {
        if (cursor.rotated()) {
          if (!cursor.drain(sink)) { // what was written before the switch
            return;
          }
          cursor.advance();
        } else if (stopped) {
          return;
        } else {
          stopped = !running.getAsBoolean(); // then one more pass
          if (!stopped) {
            Thread.sleep(LOOK_AGAIN);
          }
        }
      }
    }
  }

  private <T> T call(String what, KernelCall<T> work) throws IOException {
    return KernelCalls.call(what + " " + file, deadline, work);
  }

  /// The place in the log, over all files that it is rotated through.
  private final class Cursor implements AutoCloseable {
    private final Optional<Instant> since;
    private LogFile open;
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

    /// Whether another file took this one's place.
    boolean rotated() throws IOException {
      return call("look for rotation of log", open::rotated);
    }

    /// Goes on to the file that took this one's place.
    void advance() throws IOException {
      LogFile next = call("open log", () -> LogFile.open(file));
      open.close();
      open = next;
    }

    @Override
    public void close() throws IOException {
      open.close();
    }
  }
}
