package dev.jubelet.linux;

import static dev.jubelet.linux.Libc.INT;
import static dev.jubelet.linux.Libc.POINTER;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/// Who is at the other end of a unix socket.
public final class PeerCredentials {
  private static final int SOCK_STREAM = 1;
  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;
  private static final int UCRED_BYTES = 12;

  private static final Libc SOCKET = Libc.ofInt("socket", INT, INT, INT);
  private static final Libc CONNECT = Libc.ofInt("connect", INT, POINTER, INT);
  private static final Libc GETSOCKOPT = Libc.ofInt("getsockopt", INT, INT, INT, POINTER, POINTER);

  private PeerCredentials() {}

  /// The process that called listen(2) on `unixSocket`, in our pid namespace: of a socket that
  /// systemd made (`fd://`) it is systemd, pid 1. Empty when nobody listens, or when the process
  /// is in a pid namespace that we do not see. Never blocks.
  ///
  /// @throws KernelException for another reason, such as missing permission
  public static Optional<Long> ofServer(Path unixSocket) throws IOException {
    try (Fd socket = new Fd(SOCKET.call(
            unixSocket.toString(),
            UnixAddress.AF_UNIX,
            SOCK_STREAM | Fd.O_CLOEXEC | Fd.O_NONBLOCK,
            0));
        Arena arena = Arena.ofConfined()) {
      UnixAddress address = UnixAddress.of(arena, unixSocket.toString());
      CONNECT.call(unixSocket.toString(), socket.number(), address.bytes(), address.length());
      MemorySegment credentials = arena.allocate(UCRED_BYTES, 4);
      MemorySegment length = arena.allocateFrom(INT, UCRED_BYTES);
      GETSOCKOPT.call(
          unixSocket.toString(), socket.number(), SOL_SOCKET, SO_PEERCRED, credentials, length);
      long pid = credentials.get(INT, 0);
      return pid == 0 ? Optional.empty() : Optional.of(pid);
    } catch (KernelException e) {
      if (e.notFound() || e.errno() == KernelException.ECONNREFUSED) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
