package dev.jubelet.kubelet;

import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.pleg.Pleg;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import java.util.function.Consumer;

/// Upstream's `kubelet_pleg_*`, from what the generator tells.
final class PlegMetrics implements Pleg.Listener {
  private final Consumer<PodId> podChanged;
  private final Histogram durations;
  private final Histogram intervals;
  private final Gauge lastSeen;
  private long lastBegun;
  private boolean listedBefore;

  PlegMetrics(PrometheusRegistry registry, Consumer<PodId> podChanged) {
    this.podChanged = podChanged;
    durations = Histogram.builder()
        .name("kubelet_pleg_relist_duration_seconds")
        .help("Duration in seconds for relisting pods in PLEG.")
        .classicOnly()
        .register(registry);
    intervals = Histogram.builder()
        .name("kubelet_pleg_relist_interval_seconds")
        .help("Interval in seconds between relisting in PLEG.")
        .classicOnly()
        .register(registry);
    lastSeen = Gauge.builder()
        .name("kubelet_pleg_last_seen_seconds")
        .help("Timestamp in seconds when PLEG was last seen active.")
        .register(registry);
    registry.register(PlegMetrics::discarded);
  }

  /// Always 0: dirty pods are kept in a set, so no event is ever dropped. A counter of this library
  /// would be called `…_total`.
  private static UnknownSnapshot discarded() {
    return UnknownSnapshot.builder()
        .name("kubelet_pleg_discard_events")
        .help("The number of discard events in PLEG.")
        .dataPoint(UnknownDataPointSnapshot.builder().value(0).build())
        .build();
  }

  @Override
  public void podChanged(PodId id) {
    podChanged.accept(id);
  }

  @Override
  public synchronized void relisted(long begun, boolean listed) {
    durations.observe((System.nanoTime() - begun) / 1e9);
    if (listedBefore) {
      intervals.observe((begun - lastBegun) / 1e9);
    }
    if (listed) {
      lastBegun = begun;
      listedBefore = true;
      lastSeen.set(System.currentTimeMillis() / 1e3);
    }
  }
}
