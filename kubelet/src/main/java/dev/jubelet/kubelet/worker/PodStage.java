package dev.jubelet.kubelet.worker;

/// Where a pod's worker is. It only moves on:
///
/// ```
///   SYNC ── removed, finished, ended ──► TERMINATING ── all containers seen stopped ──►
///   TERMINATED ── wanted no more, all traces removed ──► GONE
/// ```
public enum PodStage {
  /// Brings the pod nearer to its spec.
  SYNC,
  /// Stops it; starts nothing any more.
  TERMINATING,
  /// Nothing runs and nothing will; kept so that the same UID does not start again.
  TERMINATED,
  /// Nothing is left of it.
  GONE
}
