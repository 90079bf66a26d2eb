package dev.jubelet.dockershim.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/// One open file of Docker's chain. It stays readable when it is renamed or deleted, and its
/// inode is not used again while it is open.
final class SourceFile implements AutoCloseable {
  private static final int HASHED = 4096;
  private static final int HASH_CHARACTERS = 32;
  private static final int TRIES = 8;

  private final FileId id;
  private final FileChannel channel;

  private SourceFile(FileId id, FileChannel channel) {
    this.id = id;
    this.channel = channel;
  }

  /// Opens what `path` means now; empty when there is nothing.
  static Optional<SourceFile> open(Path path) throws IOException {
    for (int i = 0; i < TRIES; i++) {
      Optional<FileId> before = FileId.of(path);
      if (before.isEmpty()) {
        return Optional.empty();
      }
      Optional<FileChannel> opened = channel(path);
      if (opened.isEmpty()) {
        continue; // it was rotated in between: look again
      }
      if (before.equals(FileId.of(path))) {
        return Optional.of(new SourceFile(before.get(), opened.get()));
      }
      opened.get().close();
    }
    throw new IOException(path + " is rotated faster than it can be opened");
  }

  private static Optional<FileChannel> channel(Path path) throws IOException {
    try {
      return Optional.of(FileChannel.open(path, StandardOpenOption.READ));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  FileId id() {
    return id;
  }

  long size() throws IOException {
    return channel.size();
  }

  /// Reads at `offset` until the buffer is full or the file ends.
  void read(ByteBuffer into, long offset) throws IOException {
    long at = offset;
    while (into.hasRemaining()) {
      int n = channel.read(into, at);
      if (n <= 0) {
        return;
      }
      at += n;
    }
  }

  SourcePosition position(long offset) throws IOException {
    return new SourcePosition(id, firstRecord(), offset, beforeOffset(offset));
  }

  /// Whether `position` was taken of this file; its inode may be another (a restored disk).
  boolean holds(SourcePosition position) throws IOException {
    return size() >= position.offset()
        && firstRecord().equals(position.firstRecord())
        && beforeOffset(position.offset()).equals(position.beforeOffset());
  }

  private String firstRecord() throws IOException {
    ByteBuffer start = ByteBuffer.allocate(HASHED);
    read(start, 0);
    byte[] bytes = start.array();
    int end = 0;
    while (end < start.position() && bytes[end] != '\n') {
      end++;
    }
    return hash(bytes, end);
  }

  private String beforeOffset(long offset) throws IOException {
    ByteBuffer tail = ByteBuffer.allocate((int) Math.min(HASHED, offset));
    read(tail, offset - tail.capacity());
    return hash(tail.array(), tail.position());
  }

  private static String hash(byte[] bytes, int length) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, 0, length);
      return HexFormat.of().formatHex(digest.digest()).substring(0, HASH_CHARACTERS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
