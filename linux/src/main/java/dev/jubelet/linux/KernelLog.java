package dev.jubelet.linux;

import static dev.jubelet.linux.Libc.INT;
import static dev.jubelet.linux.Libc.LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows the kernel's own log (`/dev/kmsg`) from now on. It wakes up when the kernel says
/// something, and not otherwise.
public final class KernelLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KernelLog.class);
  private static final Path DEVICE = Path.of("/dev/kmsg");
  private static final int SEEK_END = 2;
  // The kernel's CONSOLE_EXT_LOG_MAX; one read gives one record.
  private static final int LONGEST = 8192;
  private static final int KERNEL_PRIORITIES = 8;
  private static final Libc SEEK = Libc.ofLong("lseek", INT, LONG, INT);

  private final Fd log;
  private final Fd ended;
  private final Fd end;
  private final Consumer<String> listener;

  private KernelLog(Fd log, Fd[] pipe, Consumer<String> listener) {
    this.log = log;
    this.ended = pipe[0];
    this.end = pipe[1];
    this.listener = listener;
  }

  /// @param listener is given the text of each record that the kernel itself wrote, on a thread of
  /// its own
  /// @throws IOException it cannot be read here: no such device in this container, or not root
  public static KernelLog follow(Consumer<String> listener) throws IOException {
    Fd log = Fd.open(DEVICE, Fd.O_RDONLY | Fd.O_NONBLOCK);
    try {
      SEEK.call(DEVICE.toString(), log.number(), 0L, SEEK_END);
      KernelLog made = new KernelLog(log, Fd.pipe(), listener);
      Thread.ofPlatform().daemon().name("kernel-log").start(made::run);
      return made;
    } catch (KernelException e) {
      log.close();
      throw e;
    }
  }

  private void run() {
    try (Arena arena = Arena.ofConfined();
        log;
        ended) {
      MemorySegment record = arena.allocate(LONGEST);
      Fd[] fds = {log, ended};
      int[] events = {Fd.POLLIN, Fd.POLLIN};
      while (!Fd.poll(fds, events, -1)[1]) {
        for (int n = read(record); n > 0; n = read(record)) {
          byte[] bytes = record.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
          text(new String(bytes, StandardCharsets.UTF_8)).ifPresent(this::tell);
        }
      }
    } catch (KernelException e) {
      LOG.warn("the kernel's log is no longer followed: {}", e.getMessage());
    }
  }

  /// As [Fd#read]; what was overwritten before it was read is passed over.
  private int read(MemorySegment record) throws KernelException {
    while (true) {
      try {
        return log.read(record);
      } catch (KernelException e) {
        if (e.errno() != KernelException.EPIPE) {
          throw e;
        }
      }
    }
  }

  private void tell(String text) {
    try {
      listener.accept(text);
    } catch (RuntimeException e) {
      LOG.error("a listener failed at a record of the kernel's log: {}", text, e);
    }
  }

  /// Of `6,505341,80018279117,-;text` with lines of properties after it; empty when a process wrote
  /// it (any that may write the device could tell tales).
  static Optional<String> text(String record) {
    int comma = record.indexOf(',');
    int begin = record.indexOf(';');
    if (comma < 0 || begin < comma) {
      return Optional.empty();
    }
    String priority = record.substring(0, comma);
    if (priority.length() != 1 || priority.charAt(0) - '0' >= KERNEL_PRIORITIES) {
      return Optional.empty();
    }
    int line = record.indexOf('\n', begin);
    return Optional.of(record.substring(begin + 1, line < 0 ? record.length() : line));
  }

  @Override
  public void close() {
    end.close();
  }
}
