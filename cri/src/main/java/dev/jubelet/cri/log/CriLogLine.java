package dev.jubelet.cri.log;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// One line of a CRI log file: `RFC3339Nano stream P|F text`. Text is bytes: a container may write
/// anything but a newline.
///
/// @param partial the container's line goes on in the next record of the same stream
/// @param text without the final newline; not copied, do not change it
@SuppressWarnings("ArrayRecordComponent") // a log line is handed on once, copying costs each line
public record CriLogLine(Instant time, Stream stream, boolean partial, byte[] text) {

  /// Where the container wrote.
  public enum Stream {
    STDOUT("stdout"),
    STDERR("stderr");

    private final String word;

    Stream(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }

    static Optional<Stream> of(String word) {
      return Arrays.stream(values()).filter(stream -> stream.word.equals(word)).findFirst();
    }
  }

  /// The line with its final newline.
  public byte[] encode() {
    byte[] head = (timestamp(time) + " " + stream.word() + (partial ? " P " : " F "))
        .getBytes(StandardCharsets.US_ASCII);
    byte[] line = Arrays.copyOf(head, head.length + text.length + 1);
    System.arraycopy(text, 0, line, head.length, text.length);
    line[line.length - 1] = '\n';
    return line;
  }

  /// Reads a line, with or without its newline; empty when it is not of this format. Tags after the
  /// first (`F:x`) are read over, as the specification asks.
  public static Optional<CriLogLine> decode(byte[] line) {
    int end = line.length > 0 && line[line.length - 1] == '\n' ? line.length - 1 : line.length;
    int afterTime = space(line, 0, end);
    int afterStream = space(line, afterTime + 1, end);
    int afterTags = space(line, afterStream + 1, end);
    if (afterTime <= 0 || afterStream <= 0) {
      return Optional.empty();
    }
    int tagsEnd = afterTags < 0 ? end : afterTags;
    String tag = ascii(line, afterStream + 1, tagsEnd).split(":", 2)[0];
    Optional<Stream> stream = Stream.of(ascii(line, afterTime + 1, afterStream));
    if (stream.isEmpty() || !(tag.equals("P") || tag.equals("F"))) {
      return Optional.empty();
    }
    byte[] text = Arrays.copyOfRange(line, Math.min(tagsEnd + 1, end), end);
    return time(ascii(line, 0, afterTime))
        .map(time -> new CriLogLine(time, stream.get(), tag.equals("P"), text));
  }

  /// Go's RFC3339Nano in UTC: trailing zeros of the fraction are left out.
  public static String timestamp(Instant time) {
    if (time.getNano() == 0) {
      return DateTimeFormatter.ISO_INSTANT.format(time);
    }
    String seconds = Instant.ofEpochSecond(time.getEpochSecond()).toString();
    String fraction = String.format(Locale.ROOT, "%09d", time.getNano());
    int length = fraction.length();
    while (fraction.charAt(length - 1) == '0') {
      length--;
    }
    return seconds.substring(0, seconds.length() - 1) + "." + fraction.substring(0, length) + "Z";
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text, Instant::from));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static String ascii(byte[] line, int from, int to) {
    return new String(line, from, to - from, StandardCharsets.US_ASCII);
  }

  private static int space(byte[] line, int from, int end) {
    for (int at = Math.max(from, 0); at < end; at++) {
      if (line[at] == ' ') {
        return at;
      }
    }
    return -1;
  }
}
