package dev.jubelet.kubelet.source;

import dev.jubelet.kubelet.pod.FrozenPod;
import java.time.Instant;
import java.util.List;

/// A full snapshot of one source (upstream's SET): what is missing in it is to be removed. An empty
/// one still says that the source is ready.
///
/// @param source `file`, `http`, `api` or `run`
/// @param changedAt when the change was noticed first (the file's event), where a pod's waterfall
/// begins
public record SourceUpdate(
    String source, List<FrozenPod> pods, List<Refused> refused, Instant changedAt) {
  public SourceUpdate {
    pods = List.copyOf(pods);
    refused = List.copyOf(refused);
  }

  /// A pod or document that was not taken; the others are unaffected.
  ///
  /// @param origin file, URL or document
  /// @param pod namespace/name when it could be read, else empty
  /// @param problems each names the field and the fix
  public record Refused(String origin, String pod, List<String> problems) {
    public Refused {
      problems = List.copyOf(problems);
    }
  }
}
