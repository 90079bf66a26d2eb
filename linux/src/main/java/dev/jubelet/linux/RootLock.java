package dev.jubelet.linux;

import static dev.jubelet.linux.Libc.INT;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One process per root directory: holds a lock on `<dir>/lock`, which ends with the process. It is
/// flock(2), since a POSIX lock (Java's own) is lost when anybody in the process closes the file.
public final class RootLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RootLock.class);
  private static final int O_RDWR = 2;
  private static final int O_CREAT = 0x40;
  private static final int LOCK_EXCLUSIVE_NOW = 2 | 4;
  private static final Libc FLOCK = Libc.ofInt("flock", INT, INT);

  private final Fd fd;

  private RootLock(Fd fd) {
    this.fd = fd;
  }

  /// Makes `dir` when it lacks and locks it.
  ///
  /// @throws IOException naming the process that holds it
  public static RootLock acquire(Path dir) throws IOException {
    Files.createDirectories(dir);
    Path file = dir.resolve("lock");
    Fd fd = Fd.open(file, O_RDWR | O_CREAT, 0600);
    try {
      FLOCK.call(file.toString(), fd.number(), LOCK_EXCLUSIVE_NOW);
      note(file);
      return new RootLock(fd);
    } catch (KernelException e) {
      fd.close();
      if (e.errno() == KernelException.EAGAIN) {
        throw new IOException("%s is in use by %s: stop it first, or choose another root directory"
            .formatted(dir, holder(file)));
      }
      throw e;
    } catch (IOException e) {
      fd.close();
      throw e;
    }
  }

  /// Who holds it, for others to read. On a full disk it is held without.
  private static void note(Path file) throws IOException {
    String pid = ProcessHandle.current().pid() + "\n";
    try {
      Files.write(file, pid.getBytes(StandardCharsets.US_ASCII));
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      LOG.warn("{} names nobody: {}", file, e.getMessage());
    }
  }

  private static String holder(Path file) throws IOException {
    String pid = Files.readString(file).strip();
    return pid.isEmpty() ? "another process" : "pid " + pid;
  }

  @Override
  public void close() {
    fd.close();
  }
}
