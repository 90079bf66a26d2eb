package dev.jubelet.kubelet.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.jubelet.kubelet.pod.StaticPods;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpSourceTest {
  private record Reply(int status, String body) {}

  private final Updates updates = new Updates();
  private final AtomicInteger requests = new AtomicInteger();
  private volatile Reply reply = new Reply(200, Updates.pod("a"));
  private volatile String token = "";
  private HttpServer server;
  private HttpSource source;

  HttpSourceTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/pods");
    InstantSource clock = InstantSource.system();
    source = new HttpSource(
        url,
        Map.of("X-Token", List.of("secret")),
        new StaticPods("http", "n", List.of(), clock),
        Duration.ofMillis(20),
        updates,
        clock);
  }

  @BeforeEach
  void serve() {
    server.createContext("/pods", exchange -> {
      token = exchange.getRequestHeaders().getFirst("X-Token");
      byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
      if (reply.status() == 302) {
        exchange.getResponseHeaders().add("Location", "http://127.0.0.1:1/");
      }
      exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
      requests.incrementAndGet();
    });
    server.start();
  }

  @AfterEach
  void close() {
    source.close();
    server.stop(0);
  }

  private void awaitRequests(int more) {
    int seen = requests.get();
    await().until(() -> requests.get() >= seen + more);
  }

  @Test
  void takesOnePodThenAListAndSendsTheHeader() {
    source.start();
    SourceUpdate first = updates.awaitNames("a-n");
    assertThat(first.source()).isEqualTo("http");
    assertThat(first.pods().getFirst().object().getSpec().getTolerations()).isEmpty();
    assertThat(token).isEqualTo("secret");
    reply = new Reply(
        200,
        "{\"apiVersion\":\"v1\",\"kind\":\"PodList\",\"items\":[{\"metadata\":{\"name\":\"b\"},"
            + "\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}]}");
    updates.awaitNames("b-n");
  }

  @Test
  void anUnchangedBodyIsSkipped() {
    source.start();
    updates.awaitNames("a-n");
    awaitRequests(3);
    assertThat(updates.count()).isEqualTo(1);
  }

  @Test
  void failuresChangeNothing() {
    source.start();
    updates.awaitNames("a-n");
    for (Reply bad : List.of(new Reply(500, "x"), new Reply(302, ""), new Reply(404, "y"))) {
      reply = bad;
      awaitRequests(2);
    }
    assertThat(updates.count()).isEqualTo(1);
    reply = new Reply(200, "kind: [");
    SourceUpdate broken = updates.awaitLast(u -> !u.refused().isEmpty());
    assertThat(Updates.names(broken)).containsExactly("a-n");
  }

  @Test
  void anUnreadableFirstAnswerDoesNotMakeTheSourceReady() {
    reply = new Reply(200, "kind: [");
    source.start();
    awaitRequests(3);
    assertThat(updates.count()).isZero();
    reply = new Reply(200, "");
    updates.awaitNames();
  }

  @Test
  void aBodyWithoutEndIsBounded() {
    reply = new Reply(200, "#".repeat(10 * 1024 * 1024 + 1));
    source.start();
    awaitRequests(2);
    assertThat(updates.count()).isZero();
  }
}
