package dev.jubelet.dockershim.log;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Text of a container as CRI lines: `<time> <stream> <P|F> <text>`.
final class CriLines {
  private CriLines() {}

  /// More than one line only when the text has newlines inside; without one at its end the
  /// last is partial.
  static void append(ByteArrayOutputStream out, String time, String stream, byte[] text) {
    byte[] head = (time + " " + stream + " ").getBytes(StandardCharsets.US_ASCII);
    int start = 0;
    do {
      int newline = newline(text, start);
      int end = newline < 0 ? text.length : newline;
      out.writeBytes(head);
      out.write(newline < 0 ? 'P' : 'F');
      out.write(' ');
      out.write(text, start, end - start);
      out.write('\n');
      start = end + 1;
    } while (start < text.length);
  }

  private static int newline(byte[] text, int start) {
    for (int i = start; i < text.length; i++) {
      if (text[i] == '\n') {
        return i;
      }
    }
    return -1;
  }
}
