package dev.jubelet.trace.local;

import dev.jubelet.trace.local.v1.LocalGrpc;
import dev.jubelet.trace.local.v1.LocalGrpc.LocalBlockingStub;
import dev.jubelet.trace.local.v1.LocalGrpc.LocalStub;
import dev.jubelet.trace.socket.UnixGrpc;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// A connection to one agent, shim or tap.
public final class LocalClient implements AutoCloseable {
  private final Path socket;
  private final ManagedChannel channel;

  private LocalClient(Path socket, ManagedChannel channel) {
    this.socket = socket;
    this.channel = channel;
  }

  /// Connects with the first call.
  public static LocalClient open(Path socket) {
    return new LocalClient(socket, UnixGrpc.channel(socket));
  }

  public Path socket() {
    return socket;
  }

  /// For one call that must be answered within `deadline`.
  public LocalBlockingStub within(Duration deadline) {
    return LocalGrpc.newBlockingStub(channel)
        .withMaxInboundMessageSize(UnixGrpc.MAX_MESSAGE_BYTES)
        .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// For the calls that last as long as somebody watches.
  public LocalBlockingStub watching() {
    return LocalGrpc.newBlockingStub(channel);
  }

  public LocalStub async() {
    return LocalGrpc.newStub(channel);
  }

  @Override
  public void close() {
    UnixGrpc.end(channel);
  }
}
