package dev.jubelet.kubelet.logs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An open log file that is read line by line while somebody writes it.
final class LogFile implements AutoCloseable {
  private static final int BLOCK = 64 * 1024;
  private static final int LINE_MAX = 1024 * 1024;

  private final Path path;
  private final FileChannel channel;
  private final @Nullable Object identity;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private boolean skipping;

  private LogFile(Path path, FileChannel channel, @Nullable Object identity) {
    this.path = path;
    this.channel = channel;
    this.identity = identity;
  }

  static LogFile open(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new NoSuchFileException(path.toString(), null, "there is no log file");
    }
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    return new LogFile(path, channel, key(path));
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

  /// Whether the path leads to another file by now.
  boolean rotated() throws IOException {
    try {
      return !Objects.equals(identity, key(path));
    } catch (NoSuchFileException e) {
      return false; // renamed, and the new one is not there yet
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

  private static @Nullable Object key(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
