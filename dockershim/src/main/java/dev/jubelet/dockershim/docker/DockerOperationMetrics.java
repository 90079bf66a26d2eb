package dev.jubelet.dockershim.docker;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/// Upstream's metrics of Docker calls, letter for letter.
final class DockerOperationMetrics {
  private static final String LABEL = "operation_type";

  final Counter total;
  final Counter errors;
  final Counter timeouts;
  final Histogram seconds;

  DockerOperationMetrics(PrometheusRegistry registry) {
    total = counter(
        registry,
        "kubelet_docker_operations_total",
        "Cumulative number of Docker operations by operation type.");
    errors = counter(
        registry,
        "kubelet_docker_operations_errors_total",
        "Cumulative number of Docker operation errors by operation type.");
    timeouts = counter(
        registry,
        "kubelet_docker_operations_timeout_total",
        "Cumulative number of Docker operation timeout by operation type.");
    seconds = Histogram.builder()
        .name("kubelet_docker_operations_duration_seconds")
        .help("Latency in seconds of Docker operations. Broken down by operation type.")
        .labelNames(LABEL)
        .classicOnly()
        .classicUpperBounds(.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10)
        .register(registry);
  }

  private static Counter counter(PrometheusRegistry registry, String name, String help) {
    return Counter.builder().name(name).help(help).labelNames(LABEL).register(registry);
  }
}
