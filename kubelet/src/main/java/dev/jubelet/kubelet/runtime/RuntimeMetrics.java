package dev.jubelet.kubelet.runtime;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/// Upstream's counters of what was started.
public final class RuntimeMetrics {
  final Counter pods;
  final Counter podErrors;
  final Counter containers;
  final Counter containerErrors;

  public RuntimeMetrics(PrometheusRegistry registry) {
    pods = Counter.builder()
        .name("kubelet_started_pods_total")
        .help("Cumulative number of pods started")
        .register(registry);
    podErrors = Counter.builder()
        .name("kubelet_started_pods_errors_total")
        .help("Cumulative number of errors when starting pods")
        .register(registry);
    containers = Counter.builder()
        .name("kubelet_started_containers_total")
        .help("Cumulative number of containers started")
        .labelNames("container_type")
        .register(registry);
    containerErrors = Counter.builder()
        .name("kubelet_started_containers_errors_total")
        .help("Cumulative number of errors when starting containers")
        .labelNames("container_type", "code")
        .register(registry);
  }
}
