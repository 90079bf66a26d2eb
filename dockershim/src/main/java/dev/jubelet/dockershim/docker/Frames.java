package dev.jubelet.dockershim.docker;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// Docker's multiplexed output: frames of 8 bytes head (stream, three zeros, big-endian length) and
/// payload.
final class Frames {
  private static final int STDERR = 2;
  private static final int SYSTEM_ERROR = 3;

  private Frames() {}

  /// Copies until the stream ends at the end of a frame; an end inside of one is an error.
  static void copy(InputStream in, OutputStream stdout, OutputStream stderr) throws IOException {
    byte[] head = new byte[8];
    byte[] buffer = new byte[16 << 10];
    for (int n = in.readNBytes(head, 0, 8); n > 0; n = in.readNBytes(head, 0, 8)) {
      if (n < 8) {
        throw new EOFException("the output ended inside of a frame's head");
      }
      if (head[0] < 0 || head[0] > SYSTEM_ERROR || (head[1] | head[2] | head[3]) != 0) {
        throw new IOException("the output is not in Docker's frames");
      }
      long left = (head[4] & 0xffL) << 24
          | (head[5] & 0xffL) << 16
          | (head[6] & 0xffL) << 8
          | (head[7] & 0xffL);
      OutputStream target = head[0] >= STDERR ? stderr : stdout;
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (read < 0) {
          throw new EOFException("the output ended inside of a frame");
        }
        target.write(buffer, 0, read);
        left -= read;
      }
    }
  }

  /// A terminal's output has no frames.
  static void copyRaw(InputStream in, OutputStream stdout) throws IOException {
    byte[] buffer = new byte[16 << 10];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      stdout.write(buffer, 0, n);
    }
  }
}
