package dev.jubelet.kubelet.source;

import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.pod.StaticPods;
import dev.jubelet.kubelet.pod.StaticPods.Taken;
import dev.jubelet.kubelet.yaml.YamlException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The pods of one text. A text that got broken takes nothing away: pods of its last good version
/// stay, so that a slip of the editor ends no running pod.
///
/// @param pods by namespace/name as written
/// @param wholeRefused whether the text as a whole could not be read
record ManifestText(
    String shown,
    Map<String, FrozenPod> pods,
    List<SourceUpdate.Refused> refused,
    boolean wholeRefused) {
  private static final Logger LOG = LoggerFactory.getLogger(ManifestText.class);
  private static final String KEPT = "the last good version stays";

  static ManifestText nothing(String shown) {
    return new ManifestText(shown, Map.of(), List.of(), false);
  }

  /// @param origin what goes into UIDs
  /// @param shown what messages call the text
  static ManifestText of(
      StaticPods reader, byte[] text, String origin, String shown, ManifestText before) {
    try {
      List<Taken> taken = reader.take(text, origin);
      Map<String, FrozenPod> pods = new LinkedHashMap<>();
      List<SourceUpdate.Refused> refused = new ArrayList<>();
      for (Taken one : taken) {
        switch (one) {
          case Taken.Accepted a
          when pods.containsKey(a.name()) ->
            refused.add(new SourceUpdate.Refused(
                shown,
                a.name(),
                List.of("metadata.name: Duplicate value: is twice in this file: rename one")));
          case Taken.Accepted a -> pods.put(a.name(), a.pod());
          case Taken.Refused r -> refused.add(refusal(r, shown, taken.size(), before, pods));
        }
      }
      return new ManifestText(shown, pods, refused, false);
    } catch (YamlException e) {
      return unreadable(shown, String.valueOf(e.getMessage()), before);
    } catch (RuntimeException e) { // a fault of ours: it must not cost the other texts
      LOG.error("{} cannot be read, which is a fault of jubelet: please report it", shown, e);
      return unreadable(shown, "cannot be read: " + e, before);
    }
  }

  static ManifestText unreadable(String shown, String problem, ManifestText before) {
    List<String> problems = before.pods.isEmpty() ? List.of(problem) : List.of(problem, KEPT);
    return new ManifestText(
        shown, before.pods, List.of(new SourceUpdate.Refused(shown, "", problems)), true);
  }

  private static SourceUpdate.Refused refusal(
      Taken.Refused refused,
      String shown,
      int documents,
      ManifestText before,
      Map<String, FrozenPod> pods) {
    String origin = documents > 1 ? shown + " (document " + refused.document() + ")" : shown;
    List<String> problems = new ArrayList<>(refused.problems());
    FrozenPod good = before.pods.get(refused.pod());
    if (good != null && !pods.containsKey(refused.pod())) {
      pods.put(refused.pod(), good);
      problems.add(KEPT);
    }
    return new SourceUpdate.Refused(origin, refused.pod(), problems);
  }
}
