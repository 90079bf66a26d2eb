package dev.jubelet.dockershim.log;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/// Times as Docker and CRI logs write them: RFC 3339 with up to nine digits of a second.
final class Times {
  private Times() {}

  static Optional<Instant> parse(String text) {
    try {
      return Optional.of(DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text, Instant::from));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /// The time of the last CRI line; empty when there is none. The first may be half a line.
  static Optional<Instant> last(byte[] lines) {
    String[] all = new String(lines, StandardCharsets.ISO_8859_1).split("\n");
    for (int i = all.length - 1; i >= 0; i--) {
      int space = all[i].indexOf(' ');
      Optional<Instant> time = space < 0 ? Optional.empty() : parse(all[i].substring(0, space));
      if (time.isPresent()) {
        return time;
      }
    }
    return Optional.empty();
  }
}
