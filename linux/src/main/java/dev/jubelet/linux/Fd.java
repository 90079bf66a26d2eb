package dev.jubelet.linux;

import static dev.jubelet.linux.Libc.INT;
import static dev.jubelet.linux.Libc.LONG;
import static dev.jubelet.linux.Libc.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A file descriptor of our own with the calls that the others share. Closing twice is harmless.
final class Fd implements AutoCloseable {
  static final int O_RDONLY = 0;
  static final int O_NONBLOCK = 0x800;
  static final int O_DIRECTORY = 0x10000;
  static final int O_CLOEXEC = 0x80000;
  static final int O_PATH = 0x200000;
  static final int POLLIN = 1;
  static final int POLLOUT = 4;

  private static final Logger LOG = LoggerFactory.getLogger(Fd.class);
  private static final int F_SETFL = 4;
  private static final Libc OPEN = Libc.variadic("open", 2, POINTER, INT, INT);
  private static final Libc CLOSE = Libc.ofInt("close", INT);
  private static final Libc READ = Libc.ofLong("read", INT, POINTER, LONG);
  private static final Libc WRITE = Libc.ofLong("write", INT, POINTER, LONG);
  private static final Libc PIPE2 = Libc.ofInt("pipe2", POINTER, INT);
  private static final Libc FCNTL = Libc.variadic("fcntl", 2, INT, INT, INT);
  private static final Libc POLL = Libc.ofInt("poll", POINTER, LONG, INT);

  private final int number;
  private boolean closed;

  Fd(long number) {
    this.number = (int) number;
  }

  static Fd open(Path path, int flags) throws KernelException {
    return open(path, flags, 0);
  }

  static Fd open(Path path, int flags, int mode) throws KernelException {
    return new Fd(OPEN.call(path.toString(), path, flags | O_CLOEXEC, mode));
  }

  /// Reading end and writing end, both closed by exec.
  static Fd[] pipe() throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(INT, 2);
      PIPE2.call("for a process", ends, O_CLOEXEC);
      return new Fd[] {new Fd(ends.getAtIndex(INT, 0)), new Fd(ends.getAtIndex(INT, 1))};
    }
  }

  int number() {
    return number;
  }

  void nonBlocking() throws KernelException {
    FCNTL.call("O_NONBLOCK", number, F_SETFL, O_NONBLOCK);
  }

  /// Bytes read, 0 at the end, −1 when it would block.
  int read(MemorySegment into) throws KernelException {
    return orBlocked(READ, into);
  }

  /// Bytes written, −1 when it would block.
  int write(MemorySegment from) throws KernelException {
    return orBlocked(WRITE, from);
  }

  private int orBlocked(Libc call, MemorySegment bytes) throws KernelException {
    try {
      return (int) call.call("fd " + number, number, bytes, bytes.byteSize());
    } catch (KernelException e) {
      if (e.errno() == KernelException.EAGAIN || e.errno() == KernelException.EINTR) {
        return -1;
      }
      throw e;
    }
  }

  /// Polls; the answer's i-th element is what happened to `fds[i]` (an error or hang-up counts as
  /// ready). A null among `fds` is left out.
  static boolean[] poll(@Nullable Fd[] fds, int[] events, int millis) throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment list = arena.allocate(8L * fds.length, 4);
      for (int i = 0; i < fds.length; i++) {
        Fd fd = fds[i];
        list.set(INT, 8L * i, fd == null ? -1 : fd.number);
        list.set(ValueLayout.JAVA_SHORT, 8L * i + 4, (short) events[i]);
      }
      boolean[] ready = new boolean[fds.length];
      try {
        POLL.call("files", list, (long) fds.length, millis);
      } catch (KernelException e) {
        if (e.errno() == KernelException.EINTR) {
          return ready;
        }
        throw e;
      }
      for (int i = 0; i < fds.length; i++) {
        ready[i] = list.get(ValueLayout.JAVA_SHORT, 8L * i + 6) != 0;
      }
      return ready;
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      CLOSE.call("fd " + number, number);
    } catch (KernelException e) {
      LOG.warn("Closing a file failed", e);
    }
  }
}
