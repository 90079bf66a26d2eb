package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Manifests from a URL, on a real node.
class ManifestUrlTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  /// What the server answers.
  private record Page(int status, String body) {}

  private final AtomicReference<Page> page = new AtomicReference<>(new Page(404, "not here yet"));
  private final AtomicReference<String> token = new AtomicReference<>("");
  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/pods", exchange -> {
      Page now = page.get();
      token.set(String.valueOf(exchange.getRequestHeaders().getFirst("X-Token")));
      byte[] body = now.body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(now.status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
      asked.incrementAndGet();
    });
    server.start();
  }

  @AfterEach
  void end() {
    server.stop(0);
  }

  private static String list(String... names) {
    StringBuilder text = new StringBuilder("apiVersion: v1\nkind: PodList\nitems:\n");
    for (String name : names) {
      text.append("""
          - apiVersion: v1
            kind: Pod
            metadata: {name: %s}
            spec:
              terminationGracePeriodSeconds: 0
              containers: [{name: main, image: "jubelet/busybox:1", command: [/bin/sleep, "100000"]}]
          """.formatted(name));
    }
    return text.toString();
  }

  private void askedTwiceMore() {
    int now = asked.get();
    await().atMost(SOON).until(() -> asked.get() >= now + 2);
  }

  @Test
  void podsComeChangeOutliveATroubledServerAndGo() throws Exception {
    Node node = new Node("url")
        .with(
            "--manifest-url=http://127.0.0.1:" + server.getAddress().getPort() + "/pods",
            "--manifest-url-header=X-Token:let-me-in",
            "--http-check-frequency=1s");
    String first = node.podName("first");
    String second = node.podName("second");
    try (Jubelet agent = node.start()) {
      askedTwiceMore();
      assertThat(token).hasValue("let-me-in");
      page.set(new Page(200, list("first")));
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> assertThat(Docker.running(first, "main")).as("%s", agent).hasSize(1));
      List<String> running = Docker.running(first, "main");

      for (Page trouble : List.of(new Page(500, "oops"), new Page(200, "kind: [Pod"))) {
        page.set(trouble);
        askedTwiceMore();
        assertThat(Docker.running(first, "main")).as("%s", trouble).isEqualTo(running);
      }

      page.set(new Page(200, list("first", "second")));
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> assertThat(Docker.running(second, "main")).as("%s", agent).hasSize(1));
      assertThat(Docker.running(first, "main")).isEqualTo(running);
      page.set(new Page(200, list("second")));
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(Docker.ofPod(first)).as("%s", agent).isEmpty());
      assertThat(Docker.running(second, "main")).hasSize(1);
      page.set(new Page(200, "apiVersion: v1\nkind: PodList\nitems: []\n"));
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(Docker.ofPod(second)).as("%s", agent).isEmpty());
    }
  }
}
