package dev.jubelet.kubelet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServersTest {
  private static final String LOOPBACK = "127.0.0.1";

  private static String ask(int port, String request) throws IOException {
    try (Socket socket = new Socket(LOOPBACK, port)) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String get(int port, String path) throws IOException {
    return ask(port, "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
  }

  @Test
  void healthzServesHealthAndNothingElse() throws IOException {
    try (HealthzServer server = new HealthzServer(LOOPBACK, 0, List::of)) {
      assertThat(get(server.port(), "/healthz")).startsWith("HTTP/1.1 200 OK").endsWith("\r\nok");
      assertThat(get(server.port(), "/healthz?verbose")).startsWith("HTTP/1.1 200");
      for (String path : List.of("/", "/pods", "/metrics", "/configz", "/healthz/../pods")) {
        assertThat(get(server.port(), path)).startsWith("HTTP/1.1 404");
      }
      assertThat(ask(server.port(), "POST /healthz HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 405");
      assertThat(ask(server.port(), "HEAD /healthz HTTP/1.1\r\n\r\n")).endsWith("\r\n\r\n");
    }
  }

  @Test
  void healthzNamesWhatIsWrong() throws IOException {
    try (HealthzServer server =
        new HealthzServer(LOOPBACK, 0, () -> List.of("runtime: no answer for 12 s"))) {
      assertThat(get(server.port(), "/healthz"))
          .startsWith("HTTP/1.1 500")
          .contains("[-]runtime: no answer for 12 s\nhealthz check failed");
    }
  }

  @Test
  void aFailingCheckIsAnAnswerToo() throws IOException {
    try (HealthzServer server = new HealthzServer(LOOPBACK, 0, () -> {
      throw new IllegalStateException("a bug");
    })) {
      assertThat(get(server.port(), "/healthz")).startsWith("HTTP/1.1 500").doesNotContain("a bug");
      assertThat(get(server.port(), "/other")).startsWith("HTTP/1.1 404");
    }
  }

  @Test
  void badAndHugeRequestsAreRefused() throws IOException {
    try (HealthzServer server = new HealthzServer(LOOPBACK, 0, List::of)) {
      assertThat(ask(server.port(), "hello\r\n\r\n")).startsWith("HTTP/1.1 400");
      assertThat(ask(server.port(), "GET /healthz HTTP/1.1\r\nX: " + "x".repeat(16 * 1024 - 26)))
          .startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void aTakenPortNamesWhoHasIt() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.ofLiteral(LOOPBACK))) {
      String self = "(pid " + ProcessHandle.current().pid() + ")";
      assertThatThrownBy(() -> new HealthzServer(LOOPBACK, other.getLocalPort(), List::of))
          .isInstanceOf(PortTakenException.class)
          .hasMessageContaining(LOOPBACK + ":" + other.getLocalPort())
          .hasMessageContaining(self)
          .hasMessageContaining("set healthzPort");
    }
  }

  @Test
  void anAddressThatIsNotOursIsNoTakenPort() {
    assertThatThrownBy(() -> new HealthzServer("192.0.2.1", 1, List::of))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(PortTakenException.class)
        .hasMessageContaining("healthz cannot listen on 192.0.2.1:1");
  }

  @Test
  void theReadOnlyPortServesPodsAndMetrics() throws IOException {
    PrometheusRegistry metrics = new PrometheusRegistry();
    Counter started = Counter.builder().name("kubelet_started_pods_total").register(metrics);
    started.inc(3);
    Pod pod = new Pod();
    pod.setMetadata(new ObjectMeta());
    pod.getMetadata().setName("web");
    try (ReadOnlyServer server =
        new ReadOnlyServer(LOOPBACK, 0, List::of, () -> List.of(pod), metrics)) {
      assertThat(get(server.port(), "/pods"))
          .contains("application/json")
          .contains("\"kind\":\"PodList\"")
          .contains("\"name\":\"web\"");
      assertThat(get(server.port(), "/metrics")).contains("kubelet_started_pods_total 3.0");
      assertThat(get(server.port(), "/healthz")).endsWith("ok");
      for (String path :
          List.of("/run/a/b/c", "/exec/a/b/c", "/logs/", "/configz", "/debug/pprof/", "/stats")) {
        assertThat(get(server.port(), path)).startsWith("HTTP/1.1 404");
      }
    }
  }

  @Test
  void aClosedServerFreesItsPort() throws IOException {
    HealthzServer first = new HealthzServer(LOOPBACK, 0, List::of);
    int port = first.port();
    first.close();
    try (HealthzServer second = new HealthzServer(LOOPBACK, port, List::of)) {
      assertThat(get(second.port(), "/healthz")).endsWith("ok");
    }
  }
}
