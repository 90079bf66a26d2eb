package dev.jubelet.cli.look;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Containers' output on our stdout: bytes as they are, a line in one write. System.out would hide
/// that the reader went away.
public final class Output {
  private static final FileOutputStream STDOUT = new FileOutputStream(FileDescriptor.out);

  private Output() {}

  /// Throws [BrokenPipeException] when nobody reads.
  public static synchronized void stdout(String prefix, byte[] text) throws BrokenPipeException {
    byte[] head = prefix.getBytes(StandardCharsets.UTF_8);
    byte[] line = new byte[head.length + text.length + 1];
    System.arraycopy(head, 0, line, 0, head.length);
    System.arraycopy(text, 0, line, head.length, text.length);
    line[line.length - 1] = '\n';
    try {
      STDOUT.write(line);
    } catch (IOException e) {
      throw new BrokenPipeException(e);
    }
  }
}
