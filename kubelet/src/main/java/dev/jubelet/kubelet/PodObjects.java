package dev.jubelet.kubelet;

import dev.jubelet.kubelet.worker.PodView;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.stream.Stream;

/// The pods as `/pods` shows them: each with its status.
final class PodObjects {
  private PodObjects() {}

  static List<Pod> of(List<PodView> views) {
    return views.stream().flatMap(PodObjects::of).toList();
  }

  private static Stream<Pod> of(PodView view) {
    return view.pod().stream()
        .map(pod -> new Pod(
            pod.object().getApiVersion(),
            pod.object().getKind(),
            pod.object().getMetadata(),
            pod.object().getSpec(),
            view.status().orElse(null)));
  }
}
