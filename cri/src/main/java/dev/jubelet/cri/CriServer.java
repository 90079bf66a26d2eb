package dev.jubelet.cri;

import dev.jubelet.trace.socket.UnixGrpc;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Serves a CRI runtime on a unix socket, both services under `runtime.v1` and `runtime.v1alpha2`
/// from the same handlers, each call on a virtual thread of its own. A client in the same process
/// reaches it without the socket ([CriChannel#inProcess]).
public final class CriServer implements AutoCloseable {

  /// Calls under way get this long to end when the server closes.
  private static final Duration DRAIN = Duration.ofSeconds(2);

  private final UnixGrpc.Server server;
  private final Server inProcess;

  private CriServer(UnixGrpc.Server server, Server inProcess) {
    this.server = server;
    this.inProcess = inProcess;
  }

  /// Listens at `socket` with the permission bits `mode`. The first interceptor of the list is the
  /// outermost. Throws when a living process serves the socket.
  public static CriServer start(
      Path socket,
      int mode,
      BindableService runtime,
      BindableService image,
      List<ServerInterceptor> interceptors)
      throws IOException {
    List<ServerServiceDefinition> services = new ArrayList<>();
    for (BindableService service : List.of(runtime, image)) {
      ServerServiceDefinition v1 = ServerInterceptors.intercept(service, interceptors.reversed());
      services.add(v1);
      services.add(CriNames.asV1Alpha2(v1));
    }
    UnixGrpc.Server listening = UnixGrpc.serve(socket, mode, null, DRAIN, services);
    try {
      return new CriServer(listening, UnixGrpc.serveInProcess(socket, services));
    } catch (IOException | RuntimeException e) {
      listening.close();
      throw e;
    }
  }

  public Path socket() {
    return server.socket();
  }

  @Override
  public void close() throws IOException {
    inProcess.shutdown();
    server.close();
    inProcess.shutdownNow();
  }
}
