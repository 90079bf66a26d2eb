package dev.jubelet.dockershim.engine;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;

/// Other runtimes that may serve the pods which an adopting shim would take over: two of them would
/// undo each other's work.
public final class RivalShims {
  private static final List<Path> SOCKETS =
      List.of(Path.of("/var/run/cri-dockerd.sock"), Path.of("/var/run/dockershim.sock"));

  private RivalShims() {}

  /// @throws IOException naming the runtime that answers
  public static void refuse(Path own) throws IOException {
    for (Path socket : SOCKETS) {
      if (!real(socket).equals(real(own)) && answers(socket)) {
        throw new IOException(
            socket + " is served by another runtime: stop it first, or start without adopting its"
                + " pods");
      }
    }
  }

  private static Path real(Path socket) {
    return Path.of(socket.toString().replaceFirst("^/var/run/", "/run/"));
  }

  private static boolean answers(Path socket) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      return false;
    }
  }
}
