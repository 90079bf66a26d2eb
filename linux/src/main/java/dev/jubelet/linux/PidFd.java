package dev.jubelet.linux;

import static dev.jubelet.linux.Libc.INT;
import static dev.jubelet.linux.Libc.POINTER;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/// A pinned process: signals reach it or nobody, even when its number is used again.
public final class PidFd implements AutoCloseable {
  private static final Duration LONGEST_NAP = Duration.ofMillis(20);
  private static final Libc PIDFD_OPEN = Libc.orSystemCall("pidfd_open", 434, INT, INT);
  private static final Libc SEND_SIGNAL =
      Libc.orSystemCall("pidfd_send_signal", 424, INT, INT, POINTER, INT);
  private static final Libc KILL = Libc.ofInt("kill", INT, INT);

  private final long pid;
  private final Fd fd;

  private PidFd(long pid, Fd fd) {
    this.pid = pid;
    this.fd = fd;
  }

  /// @throws KernelException `ESRCH` when there is no such process
  /// @throws IllegalArgumentException for pid ≤ 1
  public static PidFd open(long pid) throws IOException {
    refuseInit(pid);
    return new PidFd(pid, new Fd(PIDFD_OPEN.call("pid " + pid, (int) pid, 0)));
  }

  public long pid() {
    return pid;
  }

  /// Sends a signal; a process that is gone is no error.
  public void signal(int signal) throws IOException {
    unlessGone(() -> SEND_SIGNAL.call("pid " + pid, fd.number(), signal, MemorySegment.NULL, 0));
  }

  /// False once it has exited, even before it is reaped.
  public boolean alive() throws IOException {
    return !exited(0);
  }

  /// Waits at most `atMost`; true when it has exited. Made for virtual threads: it sleeps between
  /// looks instead of blocking in the kernel.
  public boolean awaitExit(Duration atMost) throws IOException, InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    for (long nap = 1; ; nap = Math.min(2 * nap, LONGEST_NAP.toMillis())) {
      if (exited(0)) {
        return true;
      }
      if (System.nanoTime() - end >= 0) {
        return false;
      }
      Thread.sleep(nap);
    }
  }

  private boolean exited(int millis) throws IOException {
    return Fd.poll(new Fd[] {fd}, new int[] {Fd.POLLIN}, millis)[0];
  }

  Fd fd() {
    return fd;
  }

  @Override
  public void close() {
    fd.close();
  }

  /// Signals by number; a process that is gone is no error.
  ///
  /// @throws IllegalArgumentException for pid ≤ 1: 0 and −1 mean our own group and everybody
  public static void kill(long pid, int signal) throws IOException {
    refuseInit(pid);
    unlessGone(() -> KILL.call("pid " + pid, (int) pid, signal));
  }

  /// Signals a process group; one that is gone is no error.
  ///
  /// @throws IllegalArgumentException for a group ≤ 1
  public static void killGroup(long group, int signal) throws IOException {
    refuseInit(group);
    unlessGone(() -> KILL.call("process group " + group, (int) -group, signal));
  }

  private static void refuseInit(long pid) {
    if (pid <= 1 || pid > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("refusing to touch pid " + pid);
    }
  }

  private static void unlessGone(KernelCall<Long> call) throws IOException {
    try {
      call.run();
    } catch (KernelException e) {
      if (e.errno() != KernelException.ESRCH) {
        throw e;
      }
    }
  }
}
