package dev.jubelet.kubelet.image;

import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Upstream's `kubelet_image_pull_duration_seconds`: the pull and its wait for a place, by the size
/// of the image.
public final class PullMetrics {
  private static final long MB = 1024 * 1024;
  private static final long GB = 1024 * MB;

  /// By what the size is above.
  private static final NavigableMap<Long, String> SIZES = new TreeMap<>(Map.ofEntries(
      Map.entry(0L, "0-10MB"),
      Map.entry(10 * MB, "10MB-100MB"),
      Map.entry(100 * MB, "100MB-500MB"),
      Map.entry(500 * MB, "500MB-1GB"),
      Map.entry(GB, "1GB-5GB"),
      Map.entry(5 * GB, "5GB-10GB"),
      Map.entry(10 * GB, "10GB-20GB"),
      Map.entry(20 * GB, "20GB-30GB"),
      Map.entry(30 * GB, "30GB-40GB"),
      Map.entry(40 * GB, "40GB-60GB"),
      Map.entry(60 * GB, "60GB-100GB"),
      Map.entry(100 * GB, "GT100GB")));

  private final Histogram durations;

  public PullMetrics(PrometheusRegistry registry) {
    durations = Histogram.builder()
        .name("kubelet_image_pull_duration_seconds")
        .help("Duration in seconds to pull an image.")
        .labelNames("image_size_in_bytes")
        .classicOnly()
        .classicUpperBounds(
            1, 5, 10, 20, 30, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600)
        .register(registry);
  }

  void pulled(long bytes, Duration took) {
    durations.labelValues(size(bytes)).observe(Math.max(0, took.toNanos() / 1e9));
  }

  /// @param bytes as CRI gives them, unsigned
  static String size(long bytes) {
    Map.Entry<Long, String> below = SIZES.lowerEntry(bytes < 0 ? Long.MAX_VALUE : bytes);
    return below == null ? "N/A" : below.getValue();
  }
}
