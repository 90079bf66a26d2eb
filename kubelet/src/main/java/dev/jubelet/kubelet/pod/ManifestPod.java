package dev.jubelet.kubelet.pod;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// One document of a manifest: a pod as it was written, or why it is none.
///
/// @param document its place in the text, from 1; items of a list count as documents
/// @param name namespace/name where they could be read, else empty
/// @param pod empty when there are problems
/// @param tree the document with keys sorted and nulls left out: equal for texts that mean the same
public record ManifestPod(
    int document, String name, Optional<Pod> pod, JsonNode tree, List<String> problems) {
  public ManifestPod {
    problems = List.copyOf(problems);
  }
}
