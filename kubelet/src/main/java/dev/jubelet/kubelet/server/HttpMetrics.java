package dev.jubelet.kubelet.server;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Set;
import java.util.function.Supplier;

/// Upstream's `kubelet_http_*` of one server.
final class HttpMetrics {
  private static final Set<String> METHODS =
      Set.of("OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "CONNECT");

  private final String serverType;
  private final Counter requests;
  private final Histogram durations;
  private final Gauge inflight;

  /// @param serverType `readonly` or `readwrite`
  HttpMetrics(PrometheusRegistry registry, String serverType) {
    this.serverType = serverType;
    String[] labels = {"long_running", "method", "path", "server_type"};
    requests = Counter.builder()
        .name("kubelet_http_requests_total")
        .help("Number of the http requests received since the server started")
        .labelNames(labels)
        .register(registry);
    durations = Histogram.builder()
        .name("kubelet_http_requests_duration_seconds")
        .help("Duration in seconds to serve http requests")
        .labelNames(labels)
        .classicOnly()
        .register(registry);
    inflight = Gauge.builder()
        .name("kubelet_http_inflight_requests")
        .help("Number of the inflight http requests")
        .labelNames(labels)
        .register(registry);
  }

  /// @param path that is served; an unknown one is one label value, whatever it was
  /// @param known whether it is served
  <T> T measured(String method, String path, boolean known, Supplier<T> work) {
    String[] labels = {
      "false",
      METHODS.contains(method) ? method : "other",
      known ? path.substring(1) : "Invalid path",
      serverType
    };
    requests.labelValues(labels).inc();
    inflight.labelValues(labels).inc();
    long begun = System.nanoTime();
    try {
      return work.get();
    } finally {
      durations.labelValues(labels).observe((System.nanoTime() - begun) / 1e9);
      inflight.labelValues(labels).dec();
    }
  }
}
