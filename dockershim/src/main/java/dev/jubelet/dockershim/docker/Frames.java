package dev.jubelet.dockershim.docker;

import dev.jubelet.dockershim.docker.DockerApi.LogSink;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Docker's multiplexed output: frames of 8 bytes head (stream, three zeros, big-endian length) and
/// payload.
final class Frames {
  private static final int STDERR = 2;
  private static final int SYSTEM_ERROR = 3;
  private static final int LONGEST_RECORD = 1 << 20;

  private Frames() {}

  /// Copies until the stream ends at the end of a frame; an end inside of one is an error.
  static void copy(InputStream in, OutputStream stdout, OutputStream stderr) throws IOException {
    byte[] buffer = new byte[16 << 10];
    for (Head head = Head.next(in); head != null; head = Head.next(in)) {
      OutputStream target = head.stderr ? stderr : stdout;
      for (long left = head.length; left > 0; ) {
        int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (read < 0) {
          throw new EOFException("the output ended inside of a frame");
        }
        target.write(buffer, 0, read);
        left -= read;
      }
    }
  }

  /// A log's records: one in each frame.
  static void records(InputStream in, LogSink sink) throws IOException {
    for (Head head = Head.next(in); head != null; head = Head.next(in)) {
      for (long left = head.length; left > 0; ) {
        byte[] part = in.readNBytes((int) Math.min(left, LONGEST_RECORD));
        left -= part.length;
        if (left > 0 && part.length < LONGEST_RECORD) {
          throw new EOFException("the output ended inside of a frame");
        }
        sink.accept(head.stderr, part);
      }
    }
  }

  /// A terminal's log has no frames: its lines.
  static void lines(InputStream in, LogSink sink) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    InputStream buffered = new BufferedInputStream(in);
    for (int b = buffered.read(); b >= 0; b = buffered.read()) {
      line.write(b);
      if (b == '\n' || line.size() == LONGEST_RECORD) {
        sink.accept(false, line.toByteArray());
        line.reset();
      }
    }
    if (line.size() > 0) {
      sink.accept(false, line.toByteArray());
    }
  }

  private record Head(boolean stderr, long length) {
    /// The next one; null at the end.
    static @Nullable Head next(InputStream in) throws IOException {
      byte[] head = new byte[8];
      int n = in.readNBytes(head, 0, 8);
      if (n == 0) {
        return null;
      }
      if (n < 8) {
        throw new EOFException("the output ended inside of a frame's head");
      }
      if (head[0] < 0 || head[0] > SYSTEM_ERROR || (head[1] | head[2] | head[3]) != 0) {
        throw new IOException("the output is not in Docker's frames");
      }
      return new Head(head[0] >= STDERR, ByteBuffer.wrap(head).getInt(4) & 0xffffffffL);
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
