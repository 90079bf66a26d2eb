package dev.jubelet.linux;

import java.nio.file.Path;

/// An open file or directory, pinned: what is at its path may change, this does not.
public final class OpenFd implements AutoCloseable {
  private final Fd fd;

  OpenFd(Fd fd) {
    this.fd = fd;
  }

  public int fd() {
    return fd.number();
  }

  /// A path that leads to exactly this file, in this process only, and while it is open.
  public Path procPath() {
    return Path.of("/proc/self/fd/" + fd.number());
  }

  @Override
  public void close() {
    fd.close();
  }
}
