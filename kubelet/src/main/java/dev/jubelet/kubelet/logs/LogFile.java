package dev.jubelet.kubelet.logs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// An open log file that is read line by line while somebody writes it.
final class LogFile implements AutoCloseable {
  private static final int BLOCK = 64 * 1024;
  private static final int LINE_MAX = 1024 * 1024;

  private final FileChannel channel;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private boolean skipping;

  private LogFile(FileChannel channel) {
    this.channel = channel;
  }

  static LogFile open(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new NoSuchFileException(path.toString(), null, "there is no log file");
    }
    return new LogFile(FileChannel.open(path, StandardOpenOption.READ));
  }

  /// Reads a block and hands over the lines that became whole, with their newline; false at the
  /// end of what is there.
  boolean read(List<byte[]> lines) throws IOException {
    if (channel.size() < channel.position()) {
      channel.position(0); // truncated in place
      line.reset();
    }
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    if (channel.read(block) <= 0) {
      return false;
    }
    block.flip();
    while (block.hasRemaining()) {
      take(block.get(), lines);
    }
    return true;
  }

  // a line that never ends is dropped, not kept in memory
  private void take(byte b, List<byte[]> lines) {
    if (!skipping) {
      line.write(b);
    }
    if (b == '\n') {
      if (!skipping) {
        lines.add(line.toByteArray());
      }
      line.reset();
      skipping = false;
    } else if (line.size() >= LINE_MAX) {
      line.reset();
      skipping = true;
    }
  }

  /// Moves to the last `count` lines.
  void seekTail(long count) throws IOException {
    long end = channel.size();
    channel.position(count <= 0 ? end : tailStart(end, count));
  }

  private long tailStart(long end, long count) throws IOException {
    long found = 0;
    for (long blockEnd = end; blockEnd > 0; blockEnd = Math.max(0, blockEnd - BLOCK)) {
      long blockStart = Math.max(0, blockEnd - BLOCK);
      ByteBuffer block = ByteBuffer.allocate((int) (blockEnd - blockStart));
      while (block.hasRemaining()) {
        if (channel.read(block, blockStart + block.position()) < 0) {
          break;
        }
      }
      for (int i = block.position() - 1; i >= 0; i--) {
        long at = blockStart + i;
        if (block.get(i) == '\n' && at != end - 1 && ++found == count) {
          return at + 1;
        }
      }
    }
    return 0;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
