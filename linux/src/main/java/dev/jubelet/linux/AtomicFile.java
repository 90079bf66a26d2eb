package dev.jubelet.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/// Files that are either old or new, never half.
public final class AtomicFile {
  private static final AtomicLong COUNT = new AtomicLong();

  /// The name of a file that is being written.
  public static final Pattern LEFT_OVER = Pattern.compile("\\..+\\.(\\d+)-\\d+\\.tmp");

  private AtomicFile() {}

  /// Writes `content` to `file`, replacing it, durably: also after a power loss it is old or new.
  /// Its directory must exist; what is thrown names the file. A left-over of a crash is a hidden
  /// file `.<name>.<pid>-<n>.tmp` beside it.
  public static void write(Path file, byte[] content, int mode) throws IOException {
    syncDirectory(moveInto(file, content, mode, true));
  }

  /// As [#write], without waiting for the disk: old or new for every reader and after a crash of
  /// this process; a power loss may leave it empty.
  public static void replace(Path file, byte[] content, int mode) throws IOException {
    moveInto(file, content, mode, false);
  }

  private static Path moveInto(Path file, byte[] content, int mode, boolean sync)
      throws IOException {
    Path directory =
        Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file's directory");
    Path temporary = directory.resolve("."
        + file.getFileName()
        + "."
        + ProcessHandle.current().pid()
        + "-"
        + COUNT.incrementAndGet()
        + ".tmp");
    try {
      create(temporary, content, mode, sync);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      Files.deleteIfExists(temporary);
      throw e;
    } catch (IOException e) { // of a full disk, for example, which names no file
      Files.deleteIfExists(temporary);
      throw new IOException("cannot write " + file + ": " + e.getMessage(), e);
    }
    return directory;
  }

  /// Deletes what crashes left in a directory. For its one writer, before it writes: whoever holds
  /// the lock of the root directory that it is in.
  public static void sweep(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, ".*.tmp")) {
      for (Path file : files) {
        if (LEFT_OVER.matcher(String.valueOf(file.getFileName())).matches()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /// Makes what was created, renamed or deleted in a directory durable.
  public static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void create(Path file, byte[] content, int mode, boolean sync) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
      Files.setPosixFilePermissions(file, SafePath.bits(mode));
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      if (sync) {
        channel.force(true);
      }
    }
  }
}
