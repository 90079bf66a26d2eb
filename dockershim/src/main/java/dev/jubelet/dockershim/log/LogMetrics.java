package dev.jubelet.dockershim.log;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/// What went wrong with logs, counted.
final class LogMetrics {
  private final Counter lost;
  private final Counter late;
  private final Counter failures;

  LogMetrics(PrometheusRegistry registry) {
    lost = Counter.builder()
        .name("jubelet_container_log_gaps_total")
        .help("Places in container logs where lines are missing, by cause.")
        .labelNames("cause")
        .register(registry);
    late = Counter.builder()
        .name("jubelet_container_log_late_total")
        .help("Containers whose end was told before the end of their log was written.")
        .register(registry);
    failures = Counter.builder()
        .name("jubelet_container_log_write_failures_total")
        .help("Failed tries to move container output into its log file.")
        .register(registry);
  }

  /// @param cause `rotated`, `torn`, `truncated` or `mismatch`
  void gap(String cause) {
    lost.labelValues(cause).inc();
  }

  void late() {
    late.inc();
  }

  void failed() {
    failures.inc();
  }
}
