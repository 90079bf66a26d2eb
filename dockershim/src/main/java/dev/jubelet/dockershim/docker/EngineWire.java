package dev.jubelet.dockershim.docker;

import dev.jubelet.dockershim.docker.HttpConnection.Body;
import dev.jubelet.dockershim.docker.HttpConnection.Head;
import dev.jubelet.dockershim.docker.Watchdog.Watch;
import io.grpc.Context;
import io.grpc.Deadline;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Requests and answers on the engine's socket: kept connections, API version negotiation, a
/// deadline for each call, failures as [DockerException].
final class EngineWire implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(EngineWire.class);
  private static final int MAX_ERROR = 64 << 10;

  private final Path socket;
  private final DockerApiOptions options;
  private final Watchdog watchdog = new Watchdog();
  private final LinkedBlockingDeque<HttpConnection> idle;
  private volatile @Nullable Negotiated negotiated;
  private volatile boolean closed;

  EngineWire(Path socket, DockerApiOptions options) {
    this.socket = socket;
    this.options = options;
    this.idle = new LinkedBlockingDeque<>(Math.max(1, options.idleConnections()));
  }

  /// The API version in use, negotiated now when it is not known.
  ApiVersion apiVersion(String operation) throws DockerException {
    return negotiate(operation, options.requestTimeout()).use;
  }

  /// A whole exchange; a status of 400 and more becomes an exception with Docker's own message.
  Answer call(Request request) throws DockerException {
    Answer answer = exchange(request);
    if (answer.status >= 400) {
      throw refusal(request, answer.status, answer.body);
    }
    return answer;
  }

  private Answer exchange(Request request) throws DockerException {
    long end = System.nanoTime() + bounded(request).toNanos();
    for (int attempt = 0; ; attempt++) {
      Negotiated version = negotiate(request.operation(), left(request, end));
      Opened opened = null;
      try {
        opened = send(request, version.use.toString(), left(request, end), attempt == 0, null);
        Body body = opened.body();
        int max = opened.head.status() >= 400 ? MAX_ERROR : options.maxBodyBytes();
        byte[] bytes = body.readAll(max);
        boolean other = forgetIfOther(version, opened.head);
        Answer answer = new Answer(opened.head.status(), bytes);
        opened.keep();
        if (attempt == 0 && answer.status == 400 && (other || refusesVersion(bytes))) {
          negotiated = null;
          continue;
        }
        return answer;
      } catch (StaleConnectionException e) {
        log.debug("docker {}: a kept connection was closed by the engine", request.operation());
        if (!request.idempotent()) {
          throw failure(request, e, false);
        }
      } catch (IOException e) {
        boolean timeout = opened != null && opened.watch.fired();
        throw failure(request, e, timeout);
      } finally {
        if (opened != null) {
          opened.closeUnlessKept();
        }
      }
    }
  }

  /// Sends and reads the answer's head; the body, or after 101 the raw stream, is the caller's. The
  /// watch runs on: the caller extends or closes it. A status of 400 and more is an exception.
  Opened open(Request request) throws DockerException {
    return open(request, null);
  }

  /// As [#open(Request)], with a body of unknown length; each written part moves the deadline.
  Opened open(Request request, @Nullable InputStream upload) throws DockerException {
    Negotiated version = negotiate(request.operation(), bounded(request));
    try {
      Opened opened = send(request, version.use.toString(), bounded(request), false, upload);
      if (opened.head.status() < 400) {
        return opened;
      }
      try (opened) {
        forgetIfOther(version, opened.head);
        throw refusal(request, opened.head.status(), opened.body().readAll(MAX_ERROR));
      }
    } catch (IOException e) {
      throw failure(request, e, false);
    }
  }

  private Opened send(
      Request request,
      String version,
      Duration atMost,
      boolean mayUseKept,
      @Nullable InputStream upload)
      throws IOException, DockerException {
    HttpConnection kept = mayUseKept ? takeIdle() : null;
    HttpConnection connection = kept == null ? new HttpConnection() : kept;
    Watch watch = watchdog.watch(connection, atMost);
    try {
      if (kept == null) {
        connection.connect(socket);
      }
      connection.write(request.head(version));
      byte[] body = request.body();
      if (body != null) {
        connection.write(body);
      }
      if (upload != null) {
        sendChunks(connection, upload, watch, atMost);
      }
      return new Opened(connection, watch, connection.readHead(), request);
    } catch (IOException e) {
      watch.close();
      connection.close();
      if (watch.fired()) {
        throw failure(request, e, true);
      }
      if (connection.used() && !connection.answered()) {
        throw new StaleConnectionException(e);
      }
      throw e;
    }
  }

  private static void sendChunks(
      HttpConnection connection, InputStream upload, Watch watch, Duration atMost)
      throws IOException {
    byte[] buffer = new byte[64 << 10];
    for (int n = upload.read(buffer); n >= 0; n = upload.read(buffer)) {
      if (n > 0) {
        connection.write(HttpConnection.ascii(Integer.toHexString(n) + "\r\n"));
        connection.write(buffer, 0, n);
        connection.write(HttpConnection.ascii("\r\n"));
        watch.extend(atMost);
      }
    }
    connection.write(HttpConnection.ascii("0\r\n\r\n"));
  }

  private @Nullable HttpConnection takeIdle() {
    for (HttpConnection c = idle.pollFirst(); c != null; c = idle.pollFirst()) {
      if (c.alive()) {
        return c;
      }
      c.close();
      negotiated = null;
    }
    return null;
  }

  private Negotiated negotiate(String operation, Duration atMost) throws DockerException {
    Negotiated known = negotiated;
    if (known != null) {
      return known;
    }
    Request ping = Request.get(operation, "/_ping", atMost);
    try (Opened opened = send(ping, "", atMost, false, null)) {
      String offered = opened.head.headers().getOrDefault("api-version", "");
      if (opened.head.status() >= 400) {
        throw refusal(ping, opened.head.status(), opened.body().readAll(MAX_ERROR));
      }
      Negotiated fresh = new Negotiated(offered, ApiVersion.negotiate(operation, offered));
      negotiated = fresh;
      return fresh;
    } catch (IOException e) {
      throw failure(ping, e, false);
    }
  }

  /// Every answer of the engine names its newest version: another one means another engine.
  private boolean forgetIfOther(Negotiated known, Head head) {
    String offered = head.headers().get("api-version");
    if (offered == null || offered.equals(known.offered)) {
      return false;
    }
    negotiated = null;
    return true;
  }

  private static boolean refusesVersion(byte[] body) {
    return Json.message(body).startsWith("client version ");
  }

  private Duration bounded(Request request) {
    Deadline caller = Context.current().getDeadline();
    Duration own = request.atMost();
    if (caller == null) {
      return own;
    }
    Duration left = Duration.ofNanos(caller.timeRemaining(TimeUnit.NANOSECONDS));
    return left.compareTo(own) < 0 ? left : own;
  }

  private Duration left(Request request, long end) throws DockerException {
    Duration left = Duration.ofNanos(end - System.nanoTime());
    if (!left.isPositive()) {
      throw new DockerException(request.operation(), 0, "the caller's deadline has passed", true);
    }
    return left;
  }

  /// The engine's refusal in its own words.
  private static DockerException refusal(Request request, int status, byte[] body) {
    String message = Json.message(body);
    String text = message.isEmpty() ? "the engine answered with status " + status : message;
    return new DockerException(request.operation(), status, text, false);
  }

  DockerException failure(Request request, IOException cause, boolean timeout) {
    negotiated = null;
    if (timeout) {
      String text = "operation timeout: no answer within its deadline";
      return new DockerException(request.operation(), 0, text, true);
    }
    if (cause instanceof java.nio.channels.ClosedByInterruptException) {
      return new DockerException(request.operation(), "interrupted", cause);
    }
    if (closed) {
      return new DockerException(request.operation(), "the client is closed", cause);
    }
    boolean unreachable = cause instanceof java.net.ConnectException
        || cause instanceof java.net.SocketException
        || cause instanceof java.nio.file.NoSuchFileException;
    String text = unreachable
        ? "cannot connect to the Docker daemon at unix://" + socket
            + ". Is the docker daemon running? (" + cause.getMessage() + ")"
        : "the connection to the engine failed: "
            + (cause.getMessage() == null ? cause.toString() : cause.getMessage());
    return new DockerException(request.operation(), text, cause);
  }

  private void release(HttpConnection connection) {
    if (closed || !idle.offerFirst(connection)) {
      connection.close();
    }
  }

  @Override
  public void close() {
    closed = true;
    for (HttpConnection c = idle.poll(); c != null; c = idle.poll()) {
      c.close();
    }
    watchdog.close();
  }

  /// What the engine offered and what we use of it.
  private record Negotiated(String offered, ApiVersion use) {}

  /// A complete answer.
  @SuppressWarnings("ArrayRecordComponent")
  record Answer(int status, byte[] body) {}

  /// A kept connection ended before the first byte of the answer: the engine had closed it.
  private static final class StaleConnectionException extends IOException {
    private static final long serialVersionUID = 1;

    StaleConnectionException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /// An answer whose body is still on the connection. Closing it ends the connection.
  final class Opened implements Closeable {
    final HttpConnection connection;
    final Watch watch;
    final Head head;
    private final Request request;
    private @Nullable Body body;
    private boolean kept;

    private Opened(HttpConnection connection, Watch watch, Head head, Request request) {
      this.connection = connection;
      this.watch = watch;
      this.head = head;
      this.request = request;
    }

    Body body() throws IOException {
      Body known = body;
      if (known == null) {
        known = connection.body(head, !request.method().equals("HEAD"));
        body = known;
      }
      return known;
    }

    InputStream raw() {
      return new InputStream() {
        @Override
        public int read() throws IOException {
          byte[] one = new byte[1];
          return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
          return connection.read(target, offset, length);
        }
      };
    }

    DockerException failed(IOException cause) {
      return failure(request, cause, watch.fired());
    }

    /// The body was read: the connection may serve another request.
    private void keep() throws IOException {
      watch.close();
      if (body().atEnd() && !head.has("connection", "close") && !watch.fired()) {
        kept = true;
        connection.finished();
        release(connection);
      }
    }

    private void closeUnlessKept() {
      if (!kept) {
        close();
      }
    }

    @Override
    public void close() {
      watch.close();
      connection.close();
    }
  }
}
