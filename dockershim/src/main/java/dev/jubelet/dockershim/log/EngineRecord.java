package dev.jubelet.dockershim.log;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// One record of a log that the engine gives back: its time, a space, its text.
///
/// @param text with its newline, when the engine gave one; not copied
@SuppressWarnings("ArrayRecordComponent") // handed on once
record EngineRecord(Instant time, boolean stderr, byte[] text) {
  private static final int LONGEST_TIME = 40;
  private static final int HEAD_BYTES = 40;

  /// Docker cuts a long line into records of so many bytes; only the last is shorter, and not
  /// every driver gives it back with the line's newline.
  private static final int CHUNK = 16 * 1024;

  /// Mostly one record. A terminal's long line has nothing between the records but their times.
  /// What is no record becomes a line that says so.
  ///
  /// @param last the time of the record before
  static List<EngineRecord> parse(boolean stderr, byte[] bytes, Instant last) {
    List<EngineRecord> all = new ArrayList<>();
    boolean inLongLine = false;
    for (int at = 0; at < bytes.length; ) {
      Optional<Instant> time = time(bytes, at);
      if (time.isEmpty()) {
        all.add(damaged(bytes.length - at, last));
        return all;
      }
      int start = space(bytes, at) + 1;
      at = end(bytes, start, inLongLine);
      inLongLine = at - start == CHUNK;
      all.add(new EngineRecord(time.get(), stderr, Arrays.copyOfRange(bytes, start, at)));
    }
    return all;
  }

  private static EngineRecord damaged(int bytes, Instant last) {
    String text = Marker.PREFIX + "a damaged record of " + bytes + " bytes is left out here\n";
    return new EngineRecord(last, true, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static int end(byte[] bytes, int start, boolean inLongLine) {
    if (time(bytes, start + CHUNK).isPresent()) {
      return start + CHUNK;
    }
    for (int i = start; inLongLine && i + 10 < bytes.length; i++) {
      if (bytes[i + 4] == '-' && bytes[i + 10] == 'T' && time(bytes, i).isPresent()) {
        return i;
      }
    }
    return bytes.length;
  }

  private static Optional<Instant> time(byte[] bytes, int from) {
    int space = space(bytes, from);
    return space < 0
        ? Optional.empty()
        : Times.parse(new String(bytes, from, space - from, StandardCharsets.US_ASCII));
  }

  private static int space(byte[] bytes, int from) {
    for (int i = from; i < Math.min(bytes.length, from + LONGEST_TIME); i++) {
      if (bytes[i] == ' ') {
        return i;
      }
    }
    return -1;
  }

  int bytes() {
    return HEAD_BYTES + text.length;
  }

  void appendTo(ByteArrayOutputStream out) {
    CriLines.append(
        out, time.toString(), stderr ? "stderr" : "stdout", endsLine() ? whole() : text);
  }

  private boolean endsLine() {
    return text.length < CHUNK;
  }

  private byte[] whole() {
    if (text.length > 0 && text[text.length - 1] == '\n') {
      return text;
    }
    byte[] whole = Arrays.copyOf(text, text.length + 1);
    whole[text.length] = '\n';
    return whole;
  }
}
