package dev.jubelet.kubelet.sync;

import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.source.SourceUpdate;
import java.time.Duration;
import java.util.Optional;

/// What the sync loop reacts to. Equal ones that wait are one.
sealed interface SyncEvent {
  record SourceChanged(SourceUpdate update) implements SyncEvent {}

  /// The runtime says something new of a pod.
  record PodChanged(PodId id) implements SyncEvent {}

  /// A pod's containers ended, or nothing is left of it.
  record PodStopped(PodId id) implements SyncEvent {}

  /// A pod's directory, of which no worker knows.
  record DirectoryFound(PodId id) implements SyncEvent {}

  /// Somebody wants a pod gone sooner than its source says so.
  record Remove(String uid, Optional<Duration> grace) implements SyncEvent {}
}
