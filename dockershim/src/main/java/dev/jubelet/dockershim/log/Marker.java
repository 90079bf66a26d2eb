package dev.jubelet.dockershim.log;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// A line of our own in a container's log: something is missing here.
final class Marker {
  static final String PREFIX = "[jubelet] ";

  private Marker() {}

  /// @param time RFC 3339, of the record before it, so that a replay writes the same line again
  static void appendTo(ByteArrayOutputStream out, String time, String text) {
    out.writeBytes(line(time, text));
  }

  static byte[] line(String time, String text) {
    return (time + " stderr F " + PREFIX + text + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
