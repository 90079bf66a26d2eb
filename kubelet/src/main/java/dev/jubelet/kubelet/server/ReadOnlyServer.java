package dev.jubelet.kubelet.server;

import io.fabric8.kubernetes.api.model.ListMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;

/// The read-only port, when it is switched on: `/healthz`, `/pods` and `/metrics`, for everyone who
/// reaches it, and nothing that changes or reveals more.
public final class ReadOnlyServer implements AutoCloseable {
  private final JsonMapper json = JsonMapper.builder().build();
  private final PrometheusTextFormatWriter metricsText =
      PrometheusTextFormatWriter.builder().build();
  private final Supplier<List<Pod>> pods;
  private final PrometheusRegistry metrics;
  private final PlainHttp http;

  /// @param port 0 for any free one (a configured 0 means not to start this at all)
  /// @param problems as for [HealthzServer]
  /// @param pods with their status, asked at each request
  /// @throws PortTakenException naming who has the port
  public ReadOnlyServer(
      String address,
      int port,
      Supplier<List<String>> problems,
      Supplier<List<Pod>> pods,
      PrometheusRegistry metrics)
      throws IOException {
    this.pods = pods;
    this.metrics = metrics;
    this.http = new PlainHttp(
        "read-only server",
        address,
        port,
        "readOnlyPort",
        Map.of(
            "/healthz",
            () -> HealthzServer.health(problems),
            "/pods",
            this::pods,
            "/metrics",
            this::metrics),
        Optional.of(new HttpMetrics(metrics, "readonly")));
  }

  public int port() {
    return http.port();
  }

  @Override
  public void close() {
    http.close();
  }

  private PlainHttp.Answer pods() {
    PodList list = new PodList();
    list.setMetadata(new ListMeta());
    list.setItems(pods.get());
    return new PlainHttp.Answer(200, "application/json", json.writeValueAsString(list));
  }

  private PlainHttp.Answer metrics() {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      metricsText.write(out, metrics.scrape());
      return new PlainHttp.Answer(
          200, PrometheusTextFormatWriter.CONTENT_TYPE, out.toString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
