package dev.jubelet.linux;

import static dev.jubelet.linux.Libc.INT;
import static dev.jubelet.linux.Libc.POINTER;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One run of a program: a single platform thread polls its three pipes and its pidfd.
///
/// ```
/// running ──exit──► drained (what is in the pipes now) ──► answered, reaped
///    └─deadline, cancel─► group killed ──exit──► drained ──► answered, reaped
///                              └── 2 s without an exit ──► answered, reaped whenever it ends
/// ```
final class ChildProcess {
  private static final int SIGKILL = 9;
  private static final int LONGEST_POLL_MILLIS = 100; // until a cancel is noticed
  private static final long KILLED_GRACE = Duration.ofSeconds(2).toNanos();
  private static final int BUFFER = 16 * 1024;
  private static final int DRAIN_ROUNDS = 64; // of a pipe that a child in the background keeps full
  private static final Libc WAITPID = Libc.ofInt("waitpid", INT, POINTER, INT);

  private final Launcher.Command command;
  private final CompletableFuture<Launcher.Result> answer;
  private final Output stdout;
  private final Output stderr;
  private volatile boolean cancelled;
  private int written;

  ChildProcess(Launcher.Command command, CompletableFuture<Launcher.Result> answer) {
    this.command = command;
    this.answer = answer;
    this.stdout = new Output(command.maxOutputBytes());
    this.stderr = new Output(command.maxOutputBytes());
  }

  void cancel() {
    cancelled = true;
  }

  void run() {
    try (Spawned child = Spawned.start(command.argv(), command.env())) {
      boolean timedOut = supervise(child);
      if (child.pidFd().alive()) {
        answer.complete(result(-1, timedOut));
        exitCode(child.pid());
        return;
      }
      answer.complete(result(exitCode(child.pid()), timedOut));
    } catch (Throwable e) {
      answer.completeExceptionally(e);
    }
  }

  // Returns whether the deadline passed. Afterwards the child has exited, or cannot be killed.
  private boolean supervise(Spawned child) throws IOException {
    long deadline = System.nanoTime() + command.deadline().toNanos();
    boolean killed = false;
    boolean timedOut = false;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(BUFFER);
      while (true) {
        long left = deadline - System.nanoTime();
        if (!killed && (left <= 0 || cancelled)) {
          timedOut = !cancelled;
          killed = true;
          PidFd.killGroup(child.pid(), SIGKILL);
          deadline = System.nanoTime() + KILLED_GRACE;
          continue;
        }
        if (killed && left <= 0) {
          return timedOut;
        }
        if (step(child, buffer, Math.clamp(left / 1_000_000 + 1, 1, LONGEST_POLL_MILLIS))) {
          return timedOut;
        }
      }
    }
  }

  // Waits for one thing to happen; true when the child has exited and its output is read.
  private boolean step(Spawned child, MemorySegment buffer, int millis) throws IOException {
    @Nullable
    Fd[] fds = {
      child.pidFd().fd(),
      stdout.ended ? null : child.stdout(),
      stderr.ended ? null : child.stderr(),
      child.stdin()
    };
    boolean[] ready = Fd.poll(fds, new int[] {Fd.POLLIN, Fd.POLLIN, Fd.POLLIN, Fd.POLLOUT}, millis);
    if (ready[3]) {
      feed(child, buffer);
    }
    if (ready[1]) {
      stdout.readOnce(child.stdout(), buffer);
    }
    if (ready[2]) {
      stderr.readOnce(child.stderr(), buffer);
    }
    if (!ready[0]) {
      return false;
    }
    stdout.readAvailable(child.stdout(), buffer);
    stderr.readAvailable(child.stderr(), buffer);
    return true;
  }

  private void feed(Spawned child, MemorySegment buffer) {
    Fd stdin = child.stdin();
    if (stdin == null) {
      return;
    }
    byte[] bytes = command.stdin();
    int length = Math.min(bytes.length - written, BUFFER);
    try {
      if (length > 0) {
        MemorySegment.copy(bytes, written, buffer, ValueLayout.JAVA_BYTE, 0, length);
        written += Math.max(0, stdin.write(buffer.asSlice(0, length)));
      }
      if (written == bytes.length) {
        child.closeStdin();
      }
    } catch (KernelException e) { // EPIPE: it does not want its input, which is no error
      child.closeStdin();
    }
  }

  private Launcher.Result result(int exitCode, boolean timedOut) {
    return new Launcher.Result(
        exitCode,
        stdout.kept.toByteArray(),
        stderr.kept.toByteArray(),
        timedOut,
        stdout.truncated || stderr.truncated);
  }

  private static int exitCode(long pid) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(INT);
      while (true) {
        try {
          WAITPID.call("pid " + pid, (int) pid, status, 0);
          break;
        } catch (KernelException e) {
          if (e.errno() != KernelException.EINTR) {
            throw e;
          }
        }
      }
      int raw = status.get(INT, 0);
      int signal = raw & 0x7f;
      return signal == 0 ? (raw >> 8) & 0xff : 128 + signal;
    }
  }

  private static final class Output {
    private final int limit;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private boolean truncated;
    private boolean ended;

    Output(int limit) {
      this.limit = limit;
    }

    // Reads one buffer; false when there is nothing now or no more.
    boolean readOnce(Fd fd, MemorySegment buffer) throws KernelException {
      int n = fd.read(buffer);
      if (n == 0) {
        ended = true;
      }
      if (n <= 0) {
        return false;
      }
      int keep = Math.min(n, limit - kept.size());
      truncated |= keep < n;
      kept.write(buffer.asSlice(0, keep).toArray(ValueLayout.JAVA_BYTE), 0, keep);
      return true;
    }

    void readAvailable(Fd fd, MemorySegment buffer) throws KernelException {
      for (int i = 0; i < DRAIN_ROUNDS && !ended; i++) {
        if (!readOnce(fd, buffer)) {
          return;
        }
      }
    }
  }
}
