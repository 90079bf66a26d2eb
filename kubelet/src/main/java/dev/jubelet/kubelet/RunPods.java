package dev.jubelet.kubelet;

import dev.jubelet.kubelet.explain.HandedOver;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.source.RunSource;
import dev.jubelet.kubelet.source.SourceUpdate.Refused;
import dev.jubelet.trace.local.v1.Manifest;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The run source behind the local socket.
record RunPods(RunSource source) implements HandedOver {
  private static final Logger log = LoggerFactory.getLogger(RunPods.class);

  @Override
  public Answer run(List<Manifest> manifests) {
    try {
      RunSource.Handover taken = source.add(manifests.stream()
          .map(m -> new RunSource.Manifest(m.getOrigin(), m.getText()))
          .toList());
      return new Answer(
          taken.pods().stream().map(FrozenPod::uid).toList(),
          taken.refused().stream().map(RunPods::text).toList());
    } catch (IOException e) {
      return new Answer(List.of(), List.of("cannot keep the manifests: " + e.getMessage()));
    }
  }

  private static String text(Refused refused) {
    String pod = refused.pod().isEmpty() ? "" : ": pod " + refused.pod();
    return refused.origin() + pod + ": " + String.join("; ", refused.problems());
  }

  @Override
  public void remove(Set<String> uids) {
    try {
      source.remove(uids);
    } catch (IOException e) {
      log.error("Failed to forget pods, they will come back pods={} err=\"{}\"", uids, e);
    }
  }
}
