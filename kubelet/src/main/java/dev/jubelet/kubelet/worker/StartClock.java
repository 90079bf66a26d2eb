package dev.jubelet.kubelet.worker;

import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatus.ContainerStatus;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.runtime.TimeSpan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Measures a pod's first start, once, and only when this worker made it: a pod that was adopted
/// started under somebody else. Belongs to the worker's thread.
final class StartClock {
  private final WorkerMetrics metrics;
  private final Instant seen;
  private boolean starting;
  private boolean measured;

  StartClock(WorkerMetrics metrics, Instant seen) {
    this.metrics = metrics;
    this.seen = seen;
  }

  /// The pod gets a sandbox.
  void begins() {
    starting = true;
  }

  /// @param before the phase last published, null before the first one
  void phase(@Nullable String before, String now, Instant time) {
    if (Objects.equals(before, "Pending") && now.equals("Running")) {
      metrics.podRuns(Duration.between(seen, time));
    }
  }

  /// Every container has been started.
  ///
  /// @param pulling from the first pull's begin to the last one's end
  void allStarted(FrozenPod pod, PodStatus observed, Optional<TimeSpan> pulling, Instant now) {
    if (starting && !measured) {
      measured = true;
      List<TimeSpan> excused = new ArrayList<>();
      pulling.ifPresent(excused::add);
      init(pod, observed).ifPresent(excused::add);
      metrics.allStarted(Duration.between(seen, now), TimeSpan.covered(excused));
    }
  }

  private static Optional<TimeSpan> init(FrozenPod pod, PodStatus observed) {
    return pod.initContainers().stream()
        .filter(c -> !FrozenPod.isSidecar(c))
        .flatMap(c -> observed.newest(c.getName()).stream())
        .flatMap(c -> ran(c).stream())
        .reduce(TimeSpan::hull);
  }

  private static Optional<TimeSpan> ran(ContainerStatus container) {
    return container
        .startedAt()
        .flatMap(
            started -> container.finishedAt().map(finished -> new TimeSpan(started, finished)));
  }
}
