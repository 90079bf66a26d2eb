package dev.jubelet.dockershim.log;

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
}
