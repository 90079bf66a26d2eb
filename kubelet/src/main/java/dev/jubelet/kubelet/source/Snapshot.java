package dev.jubelet.kubelet.source;

import dev.jubelet.kubelet.pod.FrozenPod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// All texts of a source as one update. Of two pods with one name or one UID the later is refused.
record Snapshot(List<FrozenPod> pods, List<SourceUpdate.Refused> refused) {

  static Snapshot of(Collection<ManifestText> texts) {
    List<FrozenPod> pods = new ArrayList<>();
    List<SourceUpdate.Refused> refused = new ArrayList<>();
    Map<String, String> names = new HashMap<>();
    Map<String, String> uids = new HashMap<>();
    for (ManifestText text : texts) {
      refused.addAll(text.refused());
      text.pods().forEach((name, pod) -> {
        String named = names.get(name);
        String same = uids.get(pod.uid());
        if (named != null) {
          refused.add(duplicate(text.shown(), name, "metadata.name", named));
        } else if (same != null) {
          refused.add(duplicate(text.shown(), name, "metadata.uid", same));
        } else {
          names.put(name, text.shown());
          uids.put(pod.uid(), text.shown());
          pods.add(pod);
        }
      });
    }
    return new Snapshot(pods, refused);
  }

  Set<String> uids() {
    return pods.stream().map(FrozenPod::uid).collect(Collectors.toSet());
  }

  SourceUpdate update(String source, Instant changedAt) {
    return new SourceUpdate(source, pods, refused, changedAt);
  }

  private static SourceUpdate.Refused duplicate(
      String shown, String name, String field, String first) {
    return new SourceUpdate.Refused(
        shown,
        name,
        List.of("%s: Duplicate value: %s already has this pod: rename or remove the one in %s"
            .formatted(field, first, shown)));
  }
}
