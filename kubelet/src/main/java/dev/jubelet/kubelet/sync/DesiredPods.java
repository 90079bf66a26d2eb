package dev.jubelet.kubelet.sync;

import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.source.SourceUpdate;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// What the sources want, and what a new snapshot of one changes. Not thread-safe: it belongs to
/// the
/// sync loop.
final class DesiredPods {
  /// Annotations of the agent itself, no difference between two versions of a pod.
  private static final Set<String> OWN = Set.of(
      "kubernetes.io/config.seen", "kubernetes.io/config.hash", "kubernetes.io/config.source");

  private final Set<String> expected;
  private final Map<String, Map<String, FrozenPod>> bySource = new LinkedHashMap<>();

  /// @param expected sources that have to be heard before anything is deleted
  DesiredPods(Set<String> expected) {
    this.expected = Set.copyOf(expected);
  }

  /// In the order in which it is to be carried out.
  record Change(List<FrozenPod> removed, List<FrozenPod> added, List<FrozenPod> updated) {}

  Change take(SourceUpdate update) {
    Map<String, FrozenPod> before =
        Objects.requireNonNullElse(bySource.get(update.source()), Map.of());
    Map<String, FrozenPod> after = new LinkedHashMap<>();
    update.pods().forEach(pod -> after.put(pod.uid(), pod));
    List<FrozenPod> removed = new ArrayList<>();
    before.forEach((uid, pod) -> {
      if (!after.containsKey(uid)) {
        removed.add(pod);
      }
    });
    List<FrozenPod> added = new ArrayList<>();
    List<FrozenPod> updated = new ArrayList<>();
    after.forEach((uid, pod) -> {
      FrozenPod old = before.get(uid);
      if (old == null) {
        added.add(pod);
      } else if (differs(old, pod)) {
        updated.add(pod);
      }
    });
    bySource.put(update.source(), after);
    return new Change(removed, added, updated);
  }

  /// Of every source.
  List<FrozenPod> all() {
    return bySource.values().stream().flatMap(pods -> pods.values().stream()).toList();
  }

  boolean allReady() {
    return bySource.keySet().containsAll(expected);
  }

  private static boolean differs(FrozenPod a, FrozenPod b) {
    ObjectMeta ma = a.object().getMetadata();
    ObjectMeta mb = b.object().getMetadata();
    return !Objects.equals(a.object().getSpec(), b.object().getSpec())
        || !a.labels().equals(b.labels())
        || !foreign(a).equals(foreign(b))
        || !Objects.equals(ma.getDeletionTimestamp(), mb.getDeletionTimestamp())
        || !Objects.equals(ma.getDeletionGracePeriodSeconds(), mb.getDeletionGracePeriodSeconds());
  }

  private static Map<String, String> foreign(FrozenPod pod) {
    Map<String, String> annotations = new HashMap<>(pod.annotations());
    annotations.keySet().removeAll(OWN);
    return annotations;
  }
}
