package dev.jubelet.dockershim.log;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Turns bytes of Docker's file into CRI lines, record by record; deterministic, so that a
/// replay gives the same bytes. Remembers what spans batches: the last time, and a torn record
/// that is being skipped.
final class Conversion {
  private static final byte[] RECORD_START = "{\"log\":".getBytes(StandardCharsets.US_ASCII);

  private final LogMetrics metrics;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private String lastTime = Instant.now().toString();
  private @Nullable Instant skipUntil;
  private long skipped; // of a record longer than any buffer

  Conversion(LogMetrics metrics) {
    this.metrics = metrics;
  }

  /// The time of the line before the first record.
  void lastWas(Instant time) {
    lastTime = time.toString();
  }

  /// Leaves out the records up to this time: they are in the log file already.
  void skipUntil(Instant time) {
    skipUntil = time;
  }

  /// Converts the whole records of a batch; returns how many bytes these are.
  int records(byte[] in, int length) {
    int start = 0;
    for (int i = 0; i < length; i++) {
      if (in[i] == '\n') {
        line(in, start, i);
        start = i + 1;
      }
    }
    return start;
  }

  /// A part of a record that is longer than a buffer may be: it is left out up to its newline.
  void skip(int bytes) {
    skipped += bytes;
  }

  /// The file ends for ever within a record of so many bytes.
  void torn(long bytes) {
    metrics.gap("torn");
    long all = bytes + skipped;
    skipped = 0;
    Marker.appendTo(out, lastTime, "a damaged record of " + all + " bytes is left out here");
  }

  /// @param cause the metric's label
  void gap(String cause, String text) {
    metrics.gap(cause);
    Marker.appendTo(out, lastTime, text);
  }

  /// The lines since the last call.
  byte[] take() {
    byte[] lines = out.toByteArray();
    out.reset();
    return lines;
  }

  private void line(byte[] in, int from, int to) {
    if (skipped > 0) {
      torn(to - from);
      return;
    }
    Optional<JsonRecord> record = JsonRecord.parse(in, from, to);
    if (record.isEmpty()) {
      // after a short write, or NULs of a power loss, the next record begins on the same line
      int whole = lastRecordStart(in, from, to);
      record = whole > from ? JsonRecord.parse(in, whole, to) : record;
      torn(record.isPresent() ? whole - from : to - from);
    }
    record.ifPresent(this::append);
  }

  private void append(JsonRecord record) {
    if (skipUntil != null) {
      Optional<Instant> time = Times.parse(record.time());
      if (time.isPresent() && !time.get().isAfter(skipUntil)) {
        lastTime = record.time();
        return;
      }
      skipUntil = null;
    }
    record.appendTo(out);
    lastTime = record.time();
  }

  private static int lastRecordStart(byte[] in, int from, int to) {
    for (int i = to - RECORD_START.length; i > from; i--) {
      int matched = 0;
      while (matched < RECORD_START.length && in[i + matched] == RECORD_START[matched]) {
        matched++;
      }
      if (matched == RECORD_START.length) {
        return i;
      }
    }
    return -1;
  }
}
