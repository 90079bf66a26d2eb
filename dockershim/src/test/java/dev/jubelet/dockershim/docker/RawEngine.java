package dev.jubelet.dockershim.docker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What listens on an engine's socket and answers a ping as an engine would, and anything else with
/// given bytes, once or for ever.
final class RawEngine implements AutoCloseable {
  private static final Pattern LENGTH = Pattern.compile("Content-Length: (\\d+)");
  private static final byte[] PONG =
      "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK".getBytes(ISO_8859_1);

  private final ServerSocketChannel server;
  private final Path socket;
  private volatile byte[] answer = {};
  private volatile byte[] endless = {};

  RawEngine(Path socket) throws IOException {
    this.socket = socket;
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofPlatform().daemon().name("raw-engine").start(this::accept);
  }

  Path socket() {
    return socket;
  }

  void answers(byte[] bytes) {
    answer = bytes;
    endless = new byte[0];
  }

  /// `begin`, then `more` again and again until the client goes.
  void answers(String begin, String more) {
    answer = begin.getBytes(ISO_8859_1);
    endless = more.repeat(1 + 8192 / more.length()).getBytes(ISO_8859_1);
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel client = server.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      byte[] forever = endless;
      boolean ping = request(client).startsWith("GET /_ping");
      write(client, ping ? PONG : answer);
      while (!ping && forever.length > 0) {
        write(client, forever);
      }
    } catch (IOException e) {
      // the client has heard enough
    }
  }

  private static void write(SocketChannel client, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      client.write(buffer);
    }
  }

  /// With its body: a connection that is closed with bytes unread is reset.
  private static String request(SocketChannel client) throws IOException {
    StringBuilder text = new StringBuilder();
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    while (!whole(text)) {
      if (client.read(buffer.clear()) < 0) {
        throw new IOException("the client left");
      }
      text.append(new String(buffer.array(), 0, buffer.position(), ISO_8859_1));
    }
    return text.toString();
  }

  private static boolean whole(StringBuilder text) {
    int end = text.indexOf("\r\n\r\n");
    Matcher length = LENGTH.matcher(text);
    int body = end >= 0 && length.find() ? Integer.parseInt(length.group(1)) : 0;
    return end >= 0 && text.length() >= end + 4 + body;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
