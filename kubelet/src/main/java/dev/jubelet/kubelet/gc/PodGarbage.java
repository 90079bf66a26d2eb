package dev.jubelet.kubelet.gc;

import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatus.ContainerStatus;
import dev.jubelet.kubelet.cri.PodStatus.Sandbox;
import dev.jubelet.kubelet.cri.PodStatus.State;
import dev.jubelet.kubelet.cri.RuntimeClient;
import dev.jubelet.kubelet.logs.LogDirectories;
import dev.jubelet.kubelet.volume.PodVolumes;
import dev.jubelet.kubelet.volume.VolumeException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Removes what a pod left behind: dead containers but the newest of each name, sandboxes that were
/// replaced, and in the end everything.
public final class PodGarbage {
  private final RuntimeClient client;
  private final LogDirectories logs;
  private final PodVolumes volumes;
  private final Keep keep;
  private final Clock clock;

  /// @param keep which dead containers stay
  public PodGarbage(
      RuntimeClient client, LogDirectories logs, PodVolumes volumes, Keep keep, Clock clock) {
    this.client = client;
    this.logs = logs;
    this.volumes = volumes;
    this.keep = keep;
    this.clock = clock;
  }

  /// @param perContainer dead instances of one name; negative for all
  /// @param minimumAge younger ones stay anyhow
  public record Keep(int perContainer, Duration minimumAge) {
    /// Upstream's: the newest of each, for its logs.
    public static final Keep NEWEST = new Keep(1, Duration.ZERO);
  }

  /// Of a pod that goes on. Says whether anything was removed.
  public boolean prune(PodStatus observed) throws IOException {
    Map<String, Integer> dead = new HashMap<>();
    boolean removed = false;
    for (ContainerStatus container : observed.containers()) {
      if (container.state() == State.EXITED
          && isSurplus(container, dead.merge(container.name(), 1, Integer::sum))) {
        remove(PodId.of(observed), container);
        removed = true;
      }
    }
    Set<String> inUse =
        observed.containers().stream().map(ContainerStatus::sandboxId).collect(Collectors.toSet());
    for (Sandbox sandbox : observed.sandboxes().stream().skip(1).toList()) {
      if (!sandbox.ready() && !inUse.contains(sandbox.id())) {
        remove(sandbox);
        removed = true;
      }
    }
    return removed;
  }

  /// @param nth of the dead of its name, the newest is the first
  private boolean isSurplus(ContainerStatus container, int nth) {
    Instant oldEnough = clock.instant().minus(keep.minimumAge);
    return keep.perContainer >= 0
        && nth > keep.perContainer
        && container.finishedAt().orElse(container.createdAt()).isBefore(oldEnough);
  }

  /// Of a pod that ended and is wanted no more. The pod's directory goes last: while it is there,
  /// the next start of the agent finds what is left to do.
  public void removeAll(PodId id, PodStatus observed) throws IOException, InterruptedException {
    for (ContainerStatus container : observed.containers()) {
      remove(id, container);
    }
    for (Sandbox sandbox : observed.sandboxes()) {
      remove(sandbox);
    }
    logs.removePod(id.namespace(), id.name(), id.uid());
    try {
      volumes.tearDown(id.uid());
    } catch (VolumeException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void remove(PodId id, ContainerStatus container) throws IOException {
    client.removeContainer(container.id());
    logs.removeContainerLog(
        id.namespace(),
        id.name(),
        id.uid(),
        container.name(),
        container.id(),
        container.restartCount());
  }

  /// A sandbox that died by itself may still hold its network: only stopping it lets go of that.
  private void remove(Sandbox sandbox) throws IOException {
    client.stopPodSandbox(sandbox.id());
    client.removePodSandbox(sandbox.id());
  }
}
