package dev.jubelet.kubelet.cri;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One pod as the runtime shows it now, read at `readAt` (when the read began).
///
/// @param ips of the newest ready sandbox, primary first; empty for host-network pods
/// @param sandboxes newest first
/// @param containers of all kinds and attempts, newest first
public record PodStatus(
    String uid,
    String name,
    String namespace,
    List<String> ips,
    List<Sandbox> sandboxes,
    List<ContainerStatus> containers,
    Instant readAt) {
  public PodStatus {
    ips = List.copyOf(ips);
    sandboxes = List.copyOf(sandboxes);
    containers = List.copyOf(containers);
  }

  /// A pod that the runtime does not know.
  public static PodStatus none(String uid, String name, String namespace, Instant readAt) {
    return new PodStatus(uid, name, namespace, List.of(), List.of(), List.of(), readAt);
  }

  /// Whether this says the same as `other`, whenever each was read.
  public boolean sameAs(PodStatus other) {
    return uid.equals(other.uid)
        && ips.equals(other.ips)
        && sandboxes.equals(other.sandboxes)
        && containers.equals(other.containers);
  }

  /// Whether any container may still have a process.
  public boolean anyContainerAlive() {
    return containers.stream().anyMatch(c -> c.state().mayRun());
  }

  /// Whether the runtime still holds anything of this pod.
  public boolean isGone() {
    return sandboxes.isEmpty() && containers.isEmpty();
  }

  /// The newest status of each container name.
  public Optional<ContainerStatus> newest(String containerName) {
    return containers.stream().filter(c -> c.name().equals(containerName)).findFirst();
  }

  /// @param hostNetwork whether its network namespace is the node's
  /// @param lostIp the runtime says that it has a network, and no address in it
  public record Sandbox(
      String id,
      int attempt,
      boolean ready,
      boolean hostNetwork,
      Instant createdAt,
      List<String> ips,
      Map<String, String> labels,
      Map<String, String> annotations,
      boolean lostIp) {
    public Sandbox {
      ips = List.copyOf(ips);
      labels = Map.copyOf(labels);
      annotations = Map.copyOf(annotations);
    }

    /// A sandbox whose network is as it should be.
    public Sandbox(
        String id,
        int attempt,
        boolean ready,
        boolean hostNetwork,
        Instant createdAt,
        List<String> ips,
        Map<String, String> labels,
        Map<String, String> annotations) {
      this(id, attempt, ready, hostNetwork, createdAt, ips, labels, annotations, false);
    }
  }

  public enum State {
    CREATED,
    RUNNING,
    EXITED,
    UNKNOWN;

    /// Whether a process may be there; of an unknown one nobody can say.
    public boolean mayRun() {
      return this == RUNNING || this == UNKNOWN;
    }
  }

  /// @param image as the pod named it
  /// @param imageRef the runtime's id for it
  /// @param hash hex, from the annotation `io.kubernetes.container.hash`; empty when absent or
  /// foreign
  /// @param reason the runtime's: Completed, Error, OOMKilled, ContainerCannotRun…
  public record ContainerStatus(
      String id,
      String name,
      String sandboxId,
      int restartCount,
      State state,
      Instant createdAt,
      Optional<Instant> startedAt,
      Optional<Instant> finishedAt,
      int exitCode,
      String image,
      String imageRef,
      String imageId,
      String hash,
      String reason,
      String message,
      String logPath,
      Map<String, String> annotations) {
    public ContainerStatus {
      annotations = Map.copyOf(annotations);
    }
  }
}
