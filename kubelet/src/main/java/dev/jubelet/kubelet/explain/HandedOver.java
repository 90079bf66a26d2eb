package dev.jubelet.kubelet.explain;

import dev.jubelet.trace.local.v1.Manifest;
import java.util.List;
import java.util.Set;

/// The source of pods that come over the local socket.
public interface HandedOver {
  /// Takes all of them or none.
  Answer run(List<Manifest> manifests);

  /// They are wanted no more.
  void remove(Set<String> uids);

  /// @param uids in the order of the manifests; empty when `problems` is not
  record Answer(List<String> uids, List<String> problems) {
    public Answer {
      uids = List.copyOf(uids);
      problems = List.copyOf(problems);
    }
  }
}
