package dev.jubelet.dockershim.docker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Docker's streams of JSON objects, one a line.
final class JsonLines {
  private static final int MAX_LINE = 1 << 20;

  private final InputStream in;
  private final byte[] buffer = new byte[8 << 10];
  private int next;
  private int end;

  JsonLines(InputStream in) {
    this.in = in;
  }

  /// The next object; null at the end of the stream.
  @Nullable
  JsonNode next() throws IOException {
    byte[] line = line();
    while (line != null && line.length == 0) {
      line = line();
    }
    if (line == null) {
      return null;
    }
    try {
      return Json.MAPPER.readTree(line);
    } catch (JacksonException e) {
      throw new IOException("the engine's stream is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private byte @Nullable [] line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    while (true) {
      if (next == end) {
        end = in.read(buffer, 0, buffer.length);
        next = 0;
        if (end < 0) {
          end = 0;
          return line.size() == 0 ? null : line.toByteArray();
        }
      }
      int from = next;
      while (next < end && buffer[next] != '\n') {
        next++;
      }
      line.write(buffer, from, next - from);
      if (line.size() > MAX_LINE) {
        throw new IOException("a line of the engine's stream is longer than " + MAX_LINE);
      }
      if (next < end) {
        next++;
        return line.toByteArray();
      }
    }
  }
}
