package dev.jubelet.trace.local;

import dev.jubelet.trace.socket.UnixGrpc;
import io.grpc.BindableService;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Serves the local protocol on a unix socket. Who may start containers may use it: root, and the
/// group `docker` where there is one.
public final class LocalServer implements AutoCloseable {
  private static final int MODE = 0660;
  private static final String GROUP = "docker";

  private final UnixGrpc.Server server;

  private LocalServer(UnixGrpc.Server server) {
    this.server = server;
  }

  /// Throws when another process serves the socket.
  public static LocalServer start(Path socket, BindableService service) throws IOException {
    return new LocalServer(UnixGrpc.serve(
        socket, MODE, GROUP, Duration.ofMillis(500), List.of(service.bindService())));
  }

  public Path socket() {
    return server.socket();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
