package dev.jubelet.dockershim.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Bytes behind the checkpoint that a log file holds already: a replay compares instead of
/// writing them again.
final class Held implements AutoCloseable {
  private static final int STEP = 8192;

  private final long inode;
  private final FileChannel channel;
  private long at;
  private final long end;

  private Held(long inode, FileChannel channel, long from) throws IOException {
    this.inode = inode;
    this.channel = channel;
    this.at = from;
    this.end = channel.size();
  }

  /// What `path` holds from `from` on.
  static Held of(Path path, long from) throws IOException {
    long inode = FileId.of(path).map(FileId::inode).orElse(-1L);
    return new Held(inode, FileChannel.open(path, StandardOpenOption.READ), from);
  }

  boolean exhausted() {
    return at >= end;
  }

  /// Of the file, whatever its name is by now.
  long inode() {
    return inode;
  }

  /// Advances `lines` over what is held; false when that is something else, with `lines` at
  /// the first byte that differs.
  boolean consume(ByteBuffer lines) throws IOException {
    while (lines.hasRemaining() && !exhausted()) {
      ByteBuffer mine =
          ByteBuffer.allocate((int) Math.min(Math.min(STEP, end - at), lines.remaining()));
      int n = channel.read(mine, at);
      if (n <= 0) {
        return false; // truncated meanwhile
      }
      ByteBuffer theirs = lines.slice(lines.position(), n);
      int differs = mine.flip().mismatch(theirs);
      int equal = differs < 0 ? n : differs;
      lines.position(lines.position() + equal);
      at += equal;
      if (differs >= 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
