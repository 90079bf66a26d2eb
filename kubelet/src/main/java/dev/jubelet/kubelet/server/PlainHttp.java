package dev.jubelet.kubelet.server;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The least HTTP server that serves a few fixed GET paths without authentication: one request per
/// connection, bounded in size, time and number; everything else is 404 or 405.
final class PlainHttp implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PlainHttp.class);
  private static final int MOST_CONNECTIONS = 64;
  private static final int MOST_HEAD_BYTES = 16 * 1024;
  private static final Duration CONNECTION = Duration.ofSeconds(30);
  private static final Duration CLOSING = Duration.ofSeconds(1);

  /// What is sent back.
  record Answer(int status, String contentType, String body) {
    static Answer text(int status, String text) {
      return new Answer(status, "text/plain; charset=utf-8", text);
    }
  }

  private final String name;
  private final Map<String, Supplier<Answer>> routes;
  private final Optional<HttpMetrics> metrics;
  private final ServerSocket listener;
  private final Thread accepting;
  private final Semaphore slots = new Semaphore(MOST_CONNECTIONS);
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /// @param name of the server in messages
  /// @param portKey the configuration key to change when the port is taken
  /// @param port 0 for any, for tests
  /// @param metrics of its requests; empty when nobody counts them
  /// @throws PortTakenException naming who has the port
  PlainHttp(
      String name,
      String address,
      int port,
      String portKey,
      Map<String, Supplier<Answer>> routes,
      Optional<HttpMetrics> metrics)
      throws IOException {
    this.name = name;
    this.routes = Map.copyOf(routes);
    this.metrics = metrics;
    this.listener = new ServerSocket();
    try {
      listener.setReuseAddress(true);
      listener.bind(new InetSocketAddress(InetAddress.ofLiteral(address), port), MOST_CONNECTIONS);
    } catch (BindException e) {
      listener.close();
      throw taken(address, port, portKey, e);
    } catch (IOException e) {
      listener.close();
      throw e;
    }
    this.accepting = Thread.ofVirtual().name(name + "-accept").start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /// The port is free afterwards: a socket on which a thread still waits is closed by that thread.
  @Override
  public void close() {
    closeQuietly(listener);
    open.forEach(PlainHttp::closeQuietly);
    try {
      accepting.join(CLOSING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private IOException taken(String address, int port, String portKey, BindException e) {
    if (!PortOwner.isListening(port)) {
      return new IOException(
          "%s cannot listen on %s:%d: %s".formatted(name, address, port, e.getMessage()), e);
    }
    String owner = PortOwner.of(port).orElse("a process that cannot be seen from here");
    return new PortTakenException(
        "%s cannot listen on %s:%d: %s has the port: stop it or set %s"
            .formatted(name, address, port, owner, portKey),
        e);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        slots.acquire();
      } catch (InterruptedException e) {
        return;
      }
      try {
        Socket socket = listener.accept();
        open.add(socket);
        Thread.ofVirtual().name(name + "-request").start(() -> serve(socket));
      } catch (IOException e) {
        slots.release();
        if (!listener.isClosed()) {
          LOG.warn("{} cannot accept: {}", name, e.toString());
        }
      }
    }
  }

  private void serve(Socket socket) {
    Thread deadline = Thread.ofVirtual().start(() -> closeAfter(CONNECTION, socket));
    try (socket) {
      String head = head(socket.getInputStream());
      Answer answer = answer(head);
      send(socket.getOutputStream(), answer, head.startsWith("HEAD "));
    } catch (IOException e) {
      LOG.debug("{}: a client went away: {}", name, e.toString());
    } finally {
      deadline.interrupt();
      open.remove(socket);
      slots.release();
    }
  }

  private Answer answer(String head) {
    String[] request = head.split("\r?\n", 2)[0].split(" ");
    if (request.length != 3 || !request[2].startsWith("HTTP/1.")) {
      return Answer.text(400, "bad request\n");
    }
    String path = request[1].split("\\?", 2)[0];
    return metrics
        .map(m ->
            m.measured(request[0], path, routes.containsKey(path), () -> answer(request[0], path)))
        .orElseGet(() -> answer(request[0], path));
  }

  private Answer answer(String method, String path) {
    Supplier<Answer> route = routes.get(path);
    if (route == null) {
      return Answer.text(404, "404 page not found\n");
    }
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return Answer.text(405, "405 method not allowed\n");
    }
    try {
      return route.get();
    } catch (RuntimeException e) {
      LOG.error("{} failed to answer {}", name, path, e);
      return Answer.text(500, "internal error\n");
    }
  }

  /// Everything up to the empty line; a body is not read.
  private static String head(InputStream in) throws IOException {
    byte[] bytes = new byte[MOST_HEAD_BYTES];
    int length = 0;
    while (length < bytes.length) {
      int n = in.read(bytes, length, bytes.length - length);
      if (n < 0) {
        throw new IOException("no whole request");
      }
      length += n;
      String head = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
      if (head.contains("\r\n\r\n") || head.contains("\n\n")) {
        return head;
      }
    }
    return "";
  }

  private static void send(OutputStream raw, Answer answer, boolean headOnly) throws IOException {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = new BufferedOutputStream(raw)) {
      String head = String.join(
          "\r\n",
          "HTTP/1.1 %d %s".formatted(answer.status(), reason(answer.status())),
          "Content-Type: " + answer.contentType(),
          "Content-Length: " + body.length,
          "X-Content-Type-Options: nosniff",
          "Connection: close",
          "",
          "");
      out.write(head.getBytes(StandardCharsets.ISO_8859_1));
      if (!headOnly) {
        out.write(body);
      }
    }
  }

  private static String reason(int status) {
    return switch (status) {
      case 200 -> "OK";
      case 400 -> "Bad Request";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      default -> "Internal Server Error";
    };
  }

  private static void closeAfter(Duration time, Socket socket) {
    try {
      Thread.sleep(time);
      closeQuietly(socket);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // answered in time
    }
  }

  private static void closeQuietly(Closeable socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("closing: {}", e.toString());
    }
  }
}
