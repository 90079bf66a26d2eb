package dev.jubelet.it.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Stands between an agent and its engine and passes everything on, but for the stream of events,
/// which it cuts and delays.
final class EngineProxy implements AutoCloseable {
  private final Path engine;
  private final ServerSocketChannel server;
  private final Set<SocketChannel> events = ConcurrentHashMap.newKeySet();
  private final Set<SocketChannel> all = ConcurrentHashMap.newKeySet();
  private final AtomicInteger streams = new AtomicInteger();
  private volatile Duration delay = Duration.ZERO;

  EngineProxy(Path socket, Path engine) throws IOException {
    this.engine = engine;
    this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofPlatform().daemon().name("engine-proxy").start(this::accept);
  }

  /// How many streams of events were asked for.
  int streams() {
    return streams.get();
  }

  /// Ends the streams of events, in the middle of whatever they say.
  void cut() {
    events.forEach(EngineProxy::end);
  }

  /// What comes on a stream of events comes so much later from now on.
  void delay(Duration by) {
    delay = by;
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = server.accept();
        Thread.ofPlatform().daemon().start(() -> serve(client));
      }
    } catch (IOException e) {
      close();
    }
  }

  private void serve(SocketChannel client) {
    all.add(client);
    try (client;
        SocketChannel server = SocketChannel.open(UnixDomainSocketAddress.of(engine))) {
      all.add(server);
      ByteBuffer first = ByteBuffer.allocate(64 << 10);
      if (client.read(first) < 0) {
        return;
      }
      boolean stream = new String(first.array(), 0, first.position(), StandardCharsets.US_ASCII)
          .split("\r\n", 2)[0].contains("/events?");
      if (stream) {
        streams.incrementAndGet();
        events.add(client);
      }
      write(server, first);
      Thread.ofPlatform().daemon().start(() -> copy(client, server, false));
      copy(server, client, stream);
    } catch (IOException e) {
      end(client);
    } finally {
      events.remove(client);
      all.remove(client);
    }
  }

  private void copy(SocketChannel from, SocketChannel to, boolean delayed) {
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    boolean head = true;
    try {
      while (from.read(buffer) >= 0) {
        if (delayed && !head) {
          Thread.sleep(delay);
        }
        head = false;
        write(to, buffer);
      }
      to.shutdownOutput();
    } catch (IOException e) {
      end(from);
      end(to);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void write(SocketChannel to, ByteBuffer buffer) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      to.write(buffer);
    }
    buffer.clear();
  }

  private static void end(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    all.forEach(EngineProxy::end);
  }
}
