package dev.jubelet.linux;

import java.io.IOException;
import java.util.Map;

/// A call that the kernel refused. The text reads like
/// `mount /a on /b: operation not permitted (EPERM)`.
public final class KernelException extends IOException {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int ESRCH = 3;
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int EEXIST = 17;
  static final int EINVAL = 22;
  static final int EPIPE = 32;
  static final int ECONNREFUSED = 111;

  private static final Map<Integer, String> TEXTS = Map.ofEntries(
      Map.entry(EPERM, "operation not permitted (EPERM)"),
      Map.entry(ENOENT, "no such file or directory (ENOENT)"),
      Map.entry(ESRCH, "no such process (ESRCH)"),
      Map.entry(EINTR, "interrupted (EINTR)"),
      Map.entry(5, "input/output error (EIO)"),
      Map.entry(8, "not an executable (ENOEXEC)"),
      Map.entry(9, "bad file descriptor (EBADF)"),
      Map.entry(10, "no child process (ECHILD)"),
      Map.entry(EAGAIN, "try again (EAGAIN)"),
      Map.entry(12, "out of memory (ENOMEM)"),
      Map.entry(13, "permission denied (EACCES)"),
      Map.entry(16, "busy (EBUSY)"),
      Map.entry(EEXIST, "exists already (EEXIST)"),
      Map.entry(18, "leads out of its directory or device (EXDEV)"),
      Map.entry(20, "not a directory (ENOTDIR)"),
      Map.entry(21, "is a directory (EISDIR)"),
      Map.entry(EINVAL, "invalid argument (EINVAL)"),
      Map.entry(24, "too many open files (EMFILE)"),
      Map.entry(28, "no space left (ENOSPC)"),
      Map.entry(30, "read-only file system (EROFS)"),
      Map.entry(EPIPE, "broken pipe (EPIPE)"),
      Map.entry(36, "name too long (ENAMETOOLONG)"),
      Map.entry(38, "not built into this kernel (ENOSYS)"),
      Map.entry(40, "has a symbolic link, or too many (ELOOP)"),
      Map.entry(95, "not supported (EOPNOTSUPP)"),
      Map.entry(ECONNREFUSED, "connection refused (ECONNREFUSED)"),
      Map.entry(116, "stale file handle (ESTALE)"));

  private final int errno;

  KernelException(String function, String what, int errno) {
    super(function + " " + what + ": " + TEXTS.getOrDefault(errno, "errno " + errno));
    this.errno = errno;
  }

  /// The number as in `errno.h`.
  public int errno() {
    return errno;
  }

  /// The file or directory is not there.
  public boolean notFound() {
    return errno == ENOENT;
  }
}
