package dev.jubelet.kubelet.runtime;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/// Upstream's counters of what was started. A start counts when it is tried.
public final class RuntimeMetrics {
  final Counter pods;
  final Counter podErrors;
  final Counter containers;
  final Counter containerErrors;
  private final Histogram sandboxDuration;
  private final Counter sandboxErrors;

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
    sandboxDuration = Histogram.builder()
        .name("kubelet_run_podsandbox_duration_seconds")
        .help("Duration in seconds of the run_podsandbox operations. Broken down by"
            + " RuntimeClass.Handler.")
        .labelNames("runtime_handler")
        .classicOnly()
        .register(registry);
    sandboxErrors = Counter.builder()
        .name("kubelet_run_podsandbox_errors_total")
        .help("Cumulative number of the run_podsandbox operation errors by RuntimeClass.Handler.")
        .labelNames("runtime_handler")
        .register(registry);
  }

  /// A RunPodSandbox ended.
  ///
  /// @param begun [System#nanoTime()]
  void ranSandbox(String handler, long begun, boolean well) {
    sandboxDuration.labelValues(handler).observe((System.nanoTime() - begun) / 1e9);
    if (!well) {
      sandboxErrors.labelValues(handler).inc();
    }
  }
}
