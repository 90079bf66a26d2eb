package dev.jubelet.cli.doctor;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What lay in one [Place].
///
/// @param owner the id on the labels of its containers
/// @param pods names of the pod directories; absent when there is no directory for them
/// @param begun of these, those that a live agent made or changed just now: their turn to get a
/// sandbox may be to come
/// @param podLogs names of the pods' log directories
/// @param links by their targets' directories of [#podLogs], those that point elsewhere left out
/// @param checkpoints by file, the sandbox that it is for
/// @param logCheckpoints by file, the container that it is for
/// @param halfWritten files of processes that are gone
record Home(
    Place place,
    String owner,
    Optional<Set<String>> pods,
    Set<String> begun,
    Set<String> podLogs,
    Map<Path, String> links,
    Map<Path, String> checkpoints,
    Map<Path, String> logCheckpoints,
    Set<Path> halfWritten) {
  Home {
    pods = pods.map(Set::copyOf);
    begun = Set.copyOf(begun);
    podLogs = Set.copyOf(podLogs);
    links = Map.copyOf(links);
    checkpoints = Map.copyOf(checkpoints);
    logCheckpoints = Map.copyOf(logCheckpoints);
    halfWritten = Set.copyOf(halfWritten);
  }

  boolean hasPod(String uid) {
    return pods.isPresent() && pods.get().contains(uid);
  }
}
