package dev.jubelet.linux;

import static dev.jubelet.linux.Libc.INT;
import static dev.jubelet.linux.Libc.LONG;
import static dev.jubelet.linux.Libc.POINTER;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells systemd how the service is (sd_notify(3)). Without `NOTIFY_SOCKET` it does nothing; a
/// failure is logged, never thrown.
public final class SdNotify {
  private static final Logger LOG = LoggerFactory.getLogger(SdNotify.class);
  private static final int SOCK_DGRAM = 2;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final Libc SOCKET = Libc.ofInt("socket", INT, INT, INT);
  private static final Libc SENDTO = Libc.ofLong("sendto", INT, POINTER, LONG, INT, POINTER, INT);

  private SdNotify() {}

  public static void ready() {
    tell("READY=1");
  }

  public static void stopping() {
    tell("STOPPING=1");
  }

  /// Keeps systemd's watchdog (`WatchdogSec=`) quiet.
  public static void watchdog() {
    tell("WATCHDOG=1");
  }

  private static void tell(String state) {
    String socket = System.getenv("NOTIFY_SOCKET");
    if (socket == null || socket.isEmpty()) {
      return;
    }
    try {
      send(socket, state);
    } catch (IOException e) {
      LOG.warn("Failed to notify systemd of {}", state, e);
    }
  }

  static void send(String socketPath, String state) throws IOException {
    try (Fd socket =
            new Fd(SOCKET.call(socketPath, UnixAddress.AF_UNIX, SOCK_DGRAM | Fd.O_CLOEXEC, 0));
        Arena arena = Arena.ofConfined()) {
      UnixAddress address = UnixAddress.of(arena, socketPath);
      byte[] bytes = state.getBytes(StandardCharsets.UTF_8);
      MemorySegment message = arena.allocate(bytes.length);
      message.copyFrom(MemorySegment.ofArray(bytes));
      SENDTO.call(
          socketPath,
          socket.number(),
          message,
          (long) bytes.length,
          MSG_DONTWAIT | MSG_NOSIGNAL,
          address.bytes(),
          address.length());
    }
  }
}
