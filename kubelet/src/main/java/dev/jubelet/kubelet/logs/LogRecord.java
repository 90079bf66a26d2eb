package dev.jubelet.kubelet.logs;

import dev.jubelet.cri.log.CriLogLine;
import dev.jubelet.cri.log.CriLogLine.Stream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One record of a log file, of either format.
///
/// @param text what the container wrote: with its newline, or without one when its line goes on in
/// the next record; not copied, do not change it
@SuppressWarnings("ArrayRecordComponent") // a record is handed on once, copying costs each line
public record LogRecord(Instant time, Stream stream, byte[] text) {

  /// Empty for a line of neither format.
  static Optional<LogRecord> parse(byte[] line) {
    return line.length > 0 && line[0] == '{' ? json(line) : cri(line);
  }

  private static Optional<LogRecord> cri(byte[] line) {
    return CriLogLine.decode(line).map(record -> {
      byte[] text = record.text();
      if (!record.partial()) {
        text = Arrays.copyOf(text, text.length + 1);
        text[text.length - 1] = '\n';
      }
      return new LogRecord(record.time(), record.stream(), text);
    });
  }

  private static Optional<LogRecord> json(byte[] line) {
    try {
      JsonNode node = JsonMapper.shared().readTree(line);
      Instant time = DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(
          node.path("time").asString(""), Instant::from);
      Stream stream =
          node.path("stream").asString("").equals("stderr") ? Stream.STDERR : Stream.STDOUT;
      byte[] text = node.path("log").asString("").getBytes(StandardCharsets.UTF_8);
      return Optional.of(new LogRecord(time, stream, text));
    } catch (JacksonException | DateTimeException e) {
      return Optional.empty();
    }
  }
}
