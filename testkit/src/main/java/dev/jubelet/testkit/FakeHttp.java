package dev.jubelet.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// One connection of a fake HTTP server on a unix socket.
final class FakeHttp {
  private final SocketChannel channel;
  private final InputStream in;
  private final OutputStream out;

  FakeHttp(SocketChannel channel) {
    this.channel = channel;
    this.in = new BufferedInputStream(Channels.newInputStream(channel));
    this.out = Channels.newOutputStream(channel);
  }

  /// The next request; empty when the client has left.
  Optional<Request> next() throws IOException {
    String line = line();
    if (line.isEmpty()) {
      return Optional.empty();
    }
    String[] first = line.split(" ", 3);
    Map<String, String> headers = new HashMap<>();
    for (String header = line(); !header.isEmpty(); header = line()) {
      String[] pair = header.split(":", 2);
      headers.put(pair[0].toLowerCase(Locale.ROOT), pair[1].strip());
    }
    String[] target = first[1].split("\\?", 2);
    return Optional.of(new Request(
        first[0], target[0], query(target.length > 1 ? target[1] : ""), headers, body(headers)));
  }

  private byte[] body(Map<String, String> headers) throws IOException {
    if ("chunked".equals(headers.get("transfer-encoding"))) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int n = Integer.parseInt(line(), 16); n > 0; n = Integer.parseInt(line(), 16)) {
        all.write(in.readNBytes(n));
        line();
      }
      line();
      return all.toByteArray();
    }
    return in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  private static Map<String, String> query(String text) {
    Map<String, String> query = new HashMap<>();
    for (String part : text.split("&")) {
      String[] pair = part.split("=", 2);
      if (pair.length == 2) {
        query.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
      }
    }
    return query;
  }

  InputStream in() {
    return in;
  }

  /// Where the answer goes, with a fault on its way.
  OutputStream out(@Nullable Fault fault, CountDownLatch healed) {
    return switch (fault) {
      case Fault.Hang hang -> new Faulty(hang.afterBytes(), healed, false);
      case Fault.Cut cut -> new Faulty(cut.afterBytes(), healed, true);
      case null, default -> out;
    };
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /// @param path without query; with the version in front
  @SuppressWarnings("ArrayRecordComponent")
  record Request(
      String method,
      String path,
      Map<String, String> query,
      Map<String, String> headers,
      byte[] body) {}

  private final class Faulty extends OutputStream {
    private final CountDownLatch healed;
    private final boolean cut;
    private int left;

    Faulty(int left, CountDownLatch healed, boolean cut) {
      this.left = left;
      this.healed = healed;
      this.cut = cut;
    }

    @Override
    public void write(int b) throws IOException {
      if (left-- > 0) {
        out.write(b);
        return;
      }
      if (cut) {
        throw new EOFException("cut by a fault");
      }
      try {
        healed.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      out.write(b);
    }
  }
}
