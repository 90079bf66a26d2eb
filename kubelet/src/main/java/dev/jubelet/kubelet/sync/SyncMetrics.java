package dev.jubelet.kubelet.sync;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/// Upstream's metrics of admission and of the sweep for orphans.
public final class SyncMetrics {
  private final Counter rejections;
  private final Gauge swept;

  public SyncMetrics(PrometheusRegistry registry) {
    rejections = Counter.builder()
        .name("kubelet_admission_rejections_total")
        .help("Cumulative number pod admission rejections by the Kubelet.")
        .labelNames("reason")
        .register(registry);
    swept = Gauge.builder()
        .name("kubelet_orphan_pod_cleaned_volumes")
        .help("The total number of orphaned Pods whose volumes were cleaned in the last periodic"
            + " sweep.")
        .register(registry);
  }

  void rejected(String reason) {
    rejections.labelValues(reason).inc();
  }

  /// @param orphans that were found and handed over to be cleaned
  void swept(int orphans) {
    swept.set(orphans);
  }
}
