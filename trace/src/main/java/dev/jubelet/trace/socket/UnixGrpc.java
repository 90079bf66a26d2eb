package dev.jubelet.trace.socket;

import io.grpc.ManagedChannel;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// gRPC over unix sockets as every room uses it: NIO domain sockets, 16 MiB messages, a virtual
/// thread
/// per call, and two event-loop threads for the whole process.
public final class UnixGrpc {

  /// Upstream's limit of one message, in bytes, both ways.
  public static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

  private static final Executor EXECUTOR =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("rpc-", 0).factory());

  private UnixGrpc() {}

  /// The threads live as long as the process: they are daemons and shared by all channels.
  private static final class Loops {
    static final EventLoopGroup GROUP = new MultiThreadIoEventLoopGroup(
        2, new DefaultThreadFactory("grpc-io", true), NioIoHandler.newFactory());
  }

  /// A channel to the socket; connects with the first call.
  public static ManagedChannel channel(Path socket) {
    return NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket.toAbsolutePath()))
        .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
        .eventLoopGroup(Loops.GROUP)
        .usePlaintext()
        .overrideAuthority("localhost") // Rust servers refuse a path as authority
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .executor(EXECUTOR)
        .disableRetry()
        .build();
  }

  /// Serves the same to clients of this very process, under the socket's name.
  public static io.grpc.Server serveInProcess(Path socket, List<ServerServiceDefinition> services)
      throws IOException {
    return InProcessServerBuilder.forName(name(socket))
        .executor(EXECUTOR)
        .addServices(services)
        .build()
        .start();
  }

  /// A channel to what this very process serves at the socket: messages are handed over as they
  /// are, not written and read. Everything else is as over the socket.
  public static ManagedChannel inProcess(Path socket) {
    return InProcessChannelBuilder.forName(name(socket)).executor(EXECUTOR).build();
  }

  private static String name(Path socket) {
    return socket.toAbsolutePath().toString();
  }

  /// Ends a channel's calls and waits for them, two seconds at most.
  public static void end(ManagedChannel channel) {
    channel.shutdownNow();
    try {
      channel.awaitTermination(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// A running server; closing it stops new calls, gives the running ones the drain time, and
  /// removes the socket's file.
  public static final class Server implements AutoCloseable {
    private final io.grpc.Server server;
    private final SocketFile file;
    private final Duration drain;

    private Server(io.grpc.Server server, SocketFile file, Duration drain) {
      this.server = server;
      this.file = file;
      this.drain = drain;
    }

    public Path socket() {
      return file.path();
    }

    @Override
    public void close() throws IOException {
      file.close();
      server.shutdown();
      try {
        if (!server.awaitTermination(drain.toMillis(), TimeUnit.MILLISECONDS)) {
          server.shutdownNow().awaitTermination(1, TimeUnit.SECONDS);
        }
      } catch (InterruptedException e) {
        server.shutdownNow();
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Serves `services` at `socket` with the permission bits `mode` and, where the host knows it,
  /// the group `group`.
  public static Server serve(
      Path socket,
      int mode,
      @Nullable String group,
      Duration drain,
      List<ServerServiceDefinition> services)
      throws IOException {
    Binding binding = new Binding(services);
    try {
      SocketFile file = SocketFile.publish(socket, mode, group, binding::bind);
      return new Server(binding.server(), file, drain);
    } catch (IOException | RuntimeException e) {
      binding.abandon();
      throw e;
    }
  }

  /// Holds the server between binding at the private path and publishing.
  private static final class Binding {
    private final List<ServerServiceDefinition> services;
    private io.grpc.@Nullable Server server;

    Binding(List<ServerServiceDefinition> services) {
      this.services = services;
    }

    void bind(Path path) throws IOException {
      server = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(path))
          .channelType(NioServerDomainSocketChannel.class)
          .bossEventLoopGroup(Loops.GROUP)
          .workerEventLoopGroup(Loops.GROUP)
          .maxInboundMessageSize(MAX_MESSAGE_BYTES)
          .executor(EXECUTOR)
          .permitKeepAliveTime(5, TimeUnit.SECONDS)
          .permitKeepAliveWithoutCalls(true)
          .addServices(services)
          .build()
          .start();
    }

    io.grpc.Server server() {
      return Objects.requireNonNull(server, "bound before");
    }

    void abandon() {
      if (server != null) {
        server.shutdownNow();
      }
    }
  }
}
