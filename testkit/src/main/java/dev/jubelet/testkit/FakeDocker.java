package dev.jubelet.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A dockerd at the wire: containers, execs, images and events, in memory, on a unix socket.
/// Records
/// every call and does wrong what a test asks for. [#engine()] is its inside, to change things
/// behind the client's back.
public final class FakeDocker implements AutoCloseable {
  private static final Pattern VERSIONED = Pattern.compile("/v(\\d+\\.\\d+)(/.*)");

  private final Path socket;
  private final FakeEngine engine = new FakeEngine();
  private final FakeRoutes routes = new FakeRoutes(engine);
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final List<Planned> faults = new CopyOnWriteArrayList<>();
  private final Set<FakeHttp> connections = ConcurrentHashMap.newKeySet();
  private volatile CountDownLatch healed = new CountDownLatch(1);
  private volatile @Nullable ServerSocketChannel server;

  private FakeDocker(Path socket) {
    this.socket = socket;
  }

  public static FakeDocker start(Path socket) {
    FakeDocker fake = new FakeDocker(socket);
    fake.up();
    return fake;
  }

  public Path socket() {
    return socket;
  }

  public FakeEngine engine() {
    return engine;
  }

  /// Listens (again), as a started dockerd does; containers are still there.
  public void up() {
    try {
      Files.deleteIfExists(socket);
      ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      listening.bind(UnixDomainSocketAddress.of(socket));
      server = listening;
      Thread.ofVirtual().name("fake-docker").start(() -> accept(listening));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Ends all connections and the socket, as a stopped dockerd does.
  public void down() {
    try {
      ServerSocketChannel listening = server;
      if (listening != null) {
        listening.close();
      }
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cutConnections();
  }

  /// Ends all connections, the streams of events too, and waits a moment until they have ended (one
  /// that hangs by a fault ends when it is healed).
  public void cutConnections() {
    Set<FakeHttp> open = Set.copyOf(connections);
    open.forEach(FakeHttp::close);
    engine.endStreams();
    for (int i = 0; i < 100 && open.stream().anyMatch(connections::contains); i++) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  /// The next `times` calls whose `METHOD /path` (without version and query) matches go wrong.
  public void fault(String call, int times, Fault fault) {
    faults.add(new Planned(Pattern.compile(call), times, fault));
  }

  public void fault(String call, Fault fault) {
    fault(call, Integer.MAX_VALUE, fault);
  }

  /// Nothing goes wrong any more; what hangs goes on.
  public void heal() {
    faults.clear();
    CountDownLatch hanging = healed;
    healed = new CountDownLatch(1);
    hanging.countDown();
  }

  public List<Call> calls() {
    return List.copyOf(calls);
  }

  /// How many calls matched `METHOD /path`.
  public long count(String call) {
    Pattern pattern = Pattern.compile(call);
    return calls.stream().filter(c -> pattern.matcher(c.text()).matches()).count();
  }

  public void forgetCalls() {
    calls.clear();
  }

  @Override
  public void close() {
    heal();
    down();
  }

  private void accept(ServerSocketChannel listening) {
    while (true) {
      try {
        SocketChannel channel = listening.accept();
        Thread.ofVirtual().name("fake-docker-connection").start(() -> serve(channel));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(SocketChannel channel) {
    FakeHttp http = new FakeHttp(channel);
    connections.add(http);
    try {
      Optional<FakeHttp.Request> request = http.next();
      while (request.isPresent() && answer(http, request.get())) {
        request = http.next();
      }
    } catch (IOException e) {
      // The client or a fault ended it; what follows is the same as after a whole request.
      http.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      http.close();
      connections.remove(http);
    }
  }

  private boolean answer(FakeHttp http, FakeHttp.Request request)
      throws IOException, InterruptedException {
    var versioned = VERSIONED.matcher(request.path());
    boolean matches = versioned.matches();
    String version = matches ? versioned.group(1) : "";
    String path = matches ? versioned.group(2) : request.path();
    Call call = new Call(
        request.method(),
        path,
        version,
        request.query(),
        request.headers(),
        new String(request.body(), StandardCharsets.UTF_8));
    calls.add(call);
    Fault fault = fault(call);
    OutputStream out = http.out(fault, healed);
    switch (fault) {
      case Fault.Status status -> {
        Answer.error(status.code(), status.message()).write(out, engine.apiVersion());
        return true;
      }
      case Fault.Garbage garbage -> {
        out.write(garbage.raw().getBytes(StandardCharsets.UTF_8));
        return false;
      }
      case Fault.Delay delay -> Thread.sleep(delay.time());
      case Fault.Hang hang when hang.afterBytes() == 0 -> healed.await();
      case null, default -> {}
    }
    if (!version.isEmpty() && engine.refuses(version)) {
      Answer.error(400, engine.refusal(version)).write(out, engine.apiVersion());
      return true;
    }
    return routes.answer(call, http.in(), out);
  }

  private @Nullable Fault fault(Call call) {
    for (Planned planned : faults) {
      if (planned.call.matcher(call.text()).matches() && planned.left-- > 0) {
        return planned.fault;
      }
    }
    return null;
  }

  /// A call as it came.
  ///
  /// @param path without version and query
  /// @param version as in the path; empty without
  public record Call(
      String method,
      String path,
      String version,
      Map<String, String> query,
      Map<String, String> headers,
      String body) {
    public String text() {
      return method + " " + path;
    }
  }

  private static final class Planned {
    private final Pattern call;
    private final Fault fault;
    private int left;

    Planned(Pattern call, int left, Fault fault) {
      this.call = call;
      this.left = left;
      this.fault = fault;
    }
  }

  /// A whole answer.
  record Answer(int status, String body) {
    static Answer ok(Object json) {
      return new Answer(200, FakeEngine.JSON.writeValueAsString(json));
    }

    static Answer error(int status, String message) {
      return new Answer(status, FakeEngine.JSON.writeValueAsString(Map.of("message", message)));
    }

    static Answer empty(int status) {
      return new Answer(status, "");
    }

    void write(OutputStream out, String apiVersion) throws IOException {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      List<String> head = new ArrayList<>();
      head.add("HTTP/1.1 " + status + " Fake");
      head.add("Api-Version: " + apiVersion);
      head.add("Content-Type: application/json");
      if (status != 204 && status != 304) {
        head.add("Content-Length: " + bytes.length);
      }
      out.write((String.join("\r\n", head) + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(bytes);
      out.flush();
    }
  }
}
