package dev.jubelet.dockershim.docker;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One connection to the engine: HTTP/1.1 on a unix socket. For one thread at a time, except that
/// [#close()] may come from any thread and ends whatever waits.
final class HttpConnection implements Closeable {
  private static final int MAX_HEAD = 64 << 10;
  private static final int MAX_INTERIM = 16;

  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocate(16 << 10).flip();
  private boolean used;
  private boolean answered;

  HttpConnection() throws IOException {
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
  }

  void connect(Path socket) throws IOException {
    channel.connect(UnixDomainSocketAddress.of(socket));
  }

  /// Of a kept connection: whether the engine still holds its end and has said nothing unasked.
  boolean alive() {
    try {
      channel.configureBlocking(false);
      in.compact();
      int read = channel.read(in);
      in.flip();
      channel.configureBlocking(true);
      return read == 0 && !in.hasRemaining();
    } catch (IOException e) {
      return false;
    }
  }

  /// Whether an earlier exchange went over this connection.
  boolean used() {
    return used;
  }

  /// Whether a byte of the present answer has arrived.
  boolean answered() {
    return answered;
  }

  /// To be called when an answer was read to its end and the connection is to be kept.
  void finished() {
    used = true;
    answered = false;
  }

  void write(byte[] bytes, int offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  void write(byte[] bytes) throws IOException {
    write(bytes, 0, bytes.length);
  }

  void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }

  /// Reads status line and headers; interim (1xx) answers other than 101 are skipped.
  Head readHead() throws IOException {
    for (int i = 0; i < MAX_INTERIM; i++) {
      Head head = readOneHead();
      if (head.status >= 200 || head.status == 101) {
        return head;
      }
    }
    throw new IOException("the engine sends interim answers only");
  }

  private Head readOneHead() throws IOException {
    int[] budget = {MAX_HEAD};
    String[] first = readLine(budget).split(" ", 3);
    if (first.length < 2 || !first[0].startsWith("HTTP/1.") || !first[1].matches("[1-5]\\d\\d")) {
      throw new IOException("the answer is not HTTP");
    }
    Map<String, String> headers = new HashMap<>();
    for (String line = readLine(budget); !line.isEmpty(); line = readLine(budget)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT),
            line.substring(colon + 1).strip());
      }
    }
    return new Head(Integer.parseInt(first[1]), headers);
  }

  /// Reads to the line end, which is CR LF or LF; `budget` counts down over several lines.
  String readLine(int[] budget) throws IOException {
    StringBuilder line = new StringBuilder(64);
    for (int b = read(); b != '\n'; b = read()) {
      if (b < 0) {
        throw new EOFException("the engine closed the connection");
      }
      if (--budget[0] < 0) {
        throw new IOException("the answer's head is too long");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  /// Plain bytes of the stream, buffered; −1 at the end.
  private int read() throws IOException {
    return fill() ? in.get() & 0xff : -1;
  }

  int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int n = Math.min(length, in.remaining());
    in.get(target, offset, n);
    return n;
  }

  private boolean fill() throws IOException {
    if (in.hasRemaining()) {
      return true;
    }
    in.clear();
    int read;
    try {
      read = channel.read(in);
    } finally {
      in.flip();
    }
    answered |= read > 0;
    return read > 0;
  }

  /// The body that belongs to `head`.
  Body body(Head head, boolean hasBody) throws IOException {
    if (!hasBody || head.status == 204 || head.status == 304) {
      return new Body(0, false);
    }
    if (head.has("transfer-encoding", "chunked")) {
      return new Body(0, true);
    }
    @Nullable String length = head.headers.get("content-length");
    if (length == null) {
      return new Body(-1, false);
    }
    if (!length.matches("\\d{1,18}")) {
      throw new IOException("the answer's Content-Length is no number");
    }
    return new Body(Long.parseLong(length), false);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing more can be done with it; the descriptor is gone in any case.
      used = true;
    }
  }

  /// Status and headers of an answer; header names are in lower case.
  record Head(int status, Map<String, String> headers) {
    boolean has(String header, String value) {
      return headers.getOrDefault(header, "").toLowerCase(Locale.ROOT).contains(value);
    }
  }

  /// A body by length, in chunks, or to the end of the connection (`left` −1).
  final class Body extends InputStream {
    private final boolean chunked;
    private long left;
    private boolean atEnd;
    private boolean inChunks;

    private Body(long length, boolean chunked) {
      this.left = length;
      this.chunked = chunked;
      this.atEnd = length == 0 && !chunked;
    }

    /// Whether everything was read, so that the connection may serve the next request.
    boolean atEnd() {
      return atEnd && left >= 0;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (chunked && left == 0 && !atEnd) {
        nextChunk();
      }
      if (atEnd || length == 0) {
        return atEnd ? -1 : 0;
      }
      int wanted = left < 0 ? length : (int) Math.min(left, length);
      int n = HttpConnection.this.read(target, offset, wanted);
      if (n < 0 && left < 0) {
        atEnd = true;
        return -1;
      }
      if (n < 0) {
        throw new EOFException("the engine closed the connection in the middle of its answer");
      }
      if (left > 0) {
        left -= n;
        atEnd = left == 0 && !chunked;
      }
      return n;
    }

    private void nextChunk() throws IOException {
      if (inChunks && !readLine(new int[] {16}).isEmpty()) {
        throw new IOException("the answer's chunks are malformed");
      }
      inChunks = true;
      String size = readLine(new int[] {1024});
      int end = size.indexOf(';');
      try {
        left = Long.parseLong((end < 0 ? size : size.substring(0, end)).strip(), 16);
      } catch (NumberFormatException e) {
        throw new IOException("the answer's chunks are malformed", e);
      }
      if (left < 0) {
        throw new IOException("the answer's chunks are malformed");
      }
      if (left == 0) {
        int[] budget = {MAX_HEAD};
        boolean trailers = true;
        while (trailers) {
          trailers = !readLine(budget).isEmpty();
        }
        atEnd = true;
      }
    }

    /// All of it, as bytes, but not more than `max`.
    byte[] readAll(int max) throws IOException {
      byte[] bytes = readNBytes(max);
      if (!atEnd && read() >= 0) {
        throw new IOException("the answer is longer than " + max + " bytes");
      }
      return bytes;
    }
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
