package dev.jubelet.cri;

import dev.jubelet.trace.Traces;
import dev.jubelet.trace.socket.UnixGrpc;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A connection to a CRI runtime. Connects with the first call, and again after the runtime went
/// away. Calls are made under v1; where the runtime has only v1alpha2, under that name
/// ([VersionFallback]). Callers set deadlines.
public final class CriChannel implements AutoCloseable {
  private static final String SCHEME = "unix://";

  private final Path socket;
  private final ManagedChannel connection;
  private final Channel channel;

  private CriChannel(Path socket, ManagedChannel connection, Channel channel) {
    this.socket = socket;
    this.connection = connection;
    this.channel = channel;
  }

  /// `endpoint` is `unix:///path` or an absolute path.
  public static CriChannel open(String endpoint, Traces traces) {
    return open(endpoint, traces, List.of());
  }

  /// As above, with more interceptors outside of the tracing one (metrics).
  public static CriChannel open(
      String endpoint, Traces traces, List<ClientInterceptor> interceptors) {
    Path socket = socketOf(endpoint);
    return of(socket, UnixGrpc.channel(socket), traces, interceptors);
  }

  /// To the [CriServer] of this very process at that endpoint.
  public static CriChannel inProcess(
      String endpoint, Traces traces, List<ClientInterceptor> interceptors) {
    Path socket = socketOf(endpoint);
    return of(socket, UnixGrpc.inProcess(socket), traces, interceptors);
  }

  private static CriChannel of(
      Path socket, ManagedChannel connection, Traces traces, List<ClientInterceptor> interceptors) {
    List<ClientInterceptor> outermostFirst = new ArrayList<>(interceptors);
    outermostFirst.add(new TracingClientInterceptor(traces));
    outermostFirst.add(new VersionFallback());
    Channel channel = ClientInterceptors.intercept(connection, outermostFirst.reversed());
    return new CriChannel(socket, connection, channel);
  }

  /// The path of a unix endpoint; throws IllegalArgumentException for any other.
  public static Path socketOf(String endpoint) {
    String path = endpoint.startsWith(SCHEME) ? endpoint.substring(SCHEME.length()) : endpoint;
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException(
          "runtime endpoint \"" + endpoint + "\" is not a unix socket, write unix:///path");
    }
    return Path.of(path);
  }

  public Channel channel() {
    return channel;
  }

  public Path socket() {
    return socket;
  }

  @Override
  public void close() {
    UnixGrpc.end(connection);
  }
}
