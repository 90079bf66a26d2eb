package dev.jubelet.cli.look;

import dev.jubelet.cli.Failure;
import dev.jubelet.trace.local.v1.ContainerSummary;
import dev.jubelet.trace.local.v1.PodSummary;
import java.util.List;
import java.util.stream.Collectors;

/// Which container of a pod is meant.
final class Containers {
  private Containers() {}

  /// The named one, or the only one that is neither init container nor sidecar.
  static ContainerSummary choose(PodSummary pod, String name) throws Failure {
    List<ContainerSummary> candidates = pod.getContainersList().stream()
        .filter(
            c -> name.isEmpty() ? c.getKind().equals("regular") : c.getName().equals(name))
        .toList();
    if (candidates.size() == 1) {
      return candidates.getFirst();
    }
    String names = pod.getContainersList().stream()
        .map(ContainerSummary::getName)
        .collect(Collectors.joining(", "));
    if (names.isEmpty()) {
      throw Failure.of("pod " + pod.getName() + " has no container yet");
    }
    throw Failure.of(
        name.isEmpty()
            ? "pod %s has several containers, give -c with one of: %s"
                .formatted(pod.getName(), names)
            : "pod %s has no container \"%s\", it has: %s".formatted(pod.getName(), name, names));
  }
}
