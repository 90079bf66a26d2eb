package dev.jubelet.kubelet.worker;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;

/// Upstream's metrics of pod workers and of how long pods take to start.
public final class WorkerMetrics {
  private static final double[] START = {
    0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200,
    1800, 2700, 3600
  };

  private final Histogram turns;
  private final Histogram workerStarts;
  private final Histogram podStarts;
  private final Histogram sliStarts;
  private final Histogram totalStarts;
  private final Histogram containers;
  private final Counter restarted;
  private final Counter orphans;

  public WorkerMetrics(PrometheusRegistry registry) {
    turns = Histogram.builder()
        .name("kubelet_pod_worker_duration_seconds")
        .help("Duration in seconds to sync a single pod. Broken down by operation type: create,"
            + " update, or sync")
        .labelNames("operation_type")
        .classicOnly()
        .register(registry);
    workerStarts = Histogram.builder()
        .name("kubelet_pod_worker_start_duration_seconds")
        .help("Duration in seconds from kubelet seeing a pod to starting a worker.")
        .classicOnly()
        .register(registry);
    podStarts = starts(
        registry,
        "kubelet_pod_start_duration_seconds",
        "Duration in seconds from kubelet seeing a pod for the first time to the pod starting to"
            + " run");
    sliStarts = starts(
        registry,
        "kubelet_pod_start_sli_duration_seconds",
        "Duration in seconds to start a pod, excluding time to pull images and run init"
            + " containers, measured from pod creation timestamp to when all its containers are"
            + " reported as started and observed via watch");
    totalStarts = starts(
        registry,
        "kubelet_pod_start_total_duration_seconds",
        "Duration in seconds to start a pod since creation, including time to pull images and run"
            + " init containers, measured from pod creation timestamp to when all its containers"
            + " are reported as started and observed via watch");
    containers = Histogram.builder()
        .name("kubelet_containers_per_pod_count")
        .help("The number of containers per pod.")
        .classicOnly()
        .classicUpperBounds(1, 2, 4, 8, 16)
        .register(registry);
    restarted = Counter.builder()
        .name("kubelet_restarted_pods_total")
        .help("Number of pods that have been restarted because they were deleted and recreated"
            + " with the same UID while the kubelet was watching them (common for static pods,"
            + " extremely uncommon for API pods)")
        .labelNames("static")
        .register(registry);
    orphans = Counter.builder()
        .name("kubelet_orphaned_runtime_pods_total")
        .help("Number of pods that have been detected in the container runtime without being"
            + " already known to the pod worker. This typically indicates the kubelet was"
            + " restarted while a pod was force deleted in the API or in the local configuration,"
            + " which is unusual.")
        .register(registry);
    restarted.initLabelValues("");
    restarted.initLabelValues("true");
  }

  private static Histogram starts(PrometheusRegistry registry, String name, String help) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .classicOnly()
        .classicUpperBounds(START)
        .register(registry);
  }

  /// @param operation create, update, sync, kill or terminated
  /// @param begun [System#nanoTime()]
  void turn(String operation, long begun) {
    turns.labelValues(operation).observe((System.nanoTime() - begun) / 1e9);
  }

  void workerStarted(Duration sinceSeen) {
    workerStarts.observe(seconds(sinceSeen));
  }

  void podRuns(Duration sinceSeen) {
    podStarts.observe(seconds(sinceSeen));
  }

  /// @param excused the part of `total` that went into pulls and init containers
  void allStarted(Duration total, Duration excused) {
    totalStarts.observe(seconds(total));
    sliStarts.observe(seconds(total.minus(excused)));
  }

  void podAdded(int itsContainers) {
    containers.observe(itsContainers);
  }

  void restarted(boolean isStatic) {
    restarted.labelValues(isStatic ? "true" : "").inc();
  }

  void orphanFound() {
    orphans.inc();
  }

  /// The wall clock may go back.
  private static double seconds(Duration duration) {
    return Math.max(0, duration.toNanos() / 1e9);
  }
}
