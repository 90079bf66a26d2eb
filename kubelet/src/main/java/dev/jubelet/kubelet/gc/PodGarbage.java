package dev.jubelet.kubelet.gc;

import dev.jubelet.cri.v1.PodSandbox;
import dev.jubelet.cri.v1.PodSandboxFilter;
import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatus.ContainerStatus;
import dev.jubelet.kubelet.cri.PodStatus.Sandbox;
import dev.jubelet.kubelet.cri.RuntimeClient;
import dev.jubelet.kubelet.logs.LogDirectories;
import dev.jubelet.kubelet.volume.PodVolumes;
import dev.jubelet.kubelet.volume.VolumeException;
import dev.jubelet.trace.Traces;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Removes what a pod left behind: dead containers but the newest of each name, sandboxes that
/// were replaced, and in the end everything. As named steps: `remove container`, `remove
/// sandbox`, and in the end also `remove log directory`, `unmount volumes`, `remove pod
/// directory`.
public final class PodGarbage {
  private final RuntimeClient client;
  private final LogDirectories logs;
  private final PodVolumes volumes;
  private final KeptContainers keep;
  private final Supplier<Collection<PodStatus>> all;
  private final Traces traces;
  private final Clock clock;

  /// @param keep which dead containers stay
  /// @param all pods of which the runtime holds something
  public PodGarbage(
      RuntimeClient client,
      LogDirectories logs,
      PodVolumes volumes,
      KeptContainers keep,
      Supplier<Collection<PodStatus>> all,
      Traces traces,
      Clock clock) {
    this.client = client;
    this.logs = logs;
    this.volumes = volumes;
    this.keep = keep;
    this.all = all;
    this.traces = traces;
    this.clock = clock;
  }

  /// Of a pod that goes on. Says whether anything was removed.
  public boolean prune(PodStatus observed) throws IOException {
    Instant now = clock.instant();
    Set<String> surplus = keep.surplus(observed, all, now);
    boolean removed = false;
    for (ContainerStatus container : observed.containers()) {
      if (surplus.contains(container.id())) {
        remove(PodId.of(observed), container);
        removed = true;
      }
    }
    Set<String> inUse =
        observed.containers().stream().map(ContainerStatus::sandboxId).collect(Collectors.toSet());
    for (Sandbox sandbox : observed.sandboxes().stream().skip(1).toList()) {
      if (!sandbox.ready()
          && !inUse.contains(sandbox.id())
          && keep.oldEnough(sandbox.createdAt(), now)) {
        remove(sandbox.id());
        removed = true;
      }
    }
    return removed;
  }

  /// Of a pod that ended and is wanted no more. The pod's directory goes last: while it is there,
  /// the next start of the agent finds what is left to do.
  public void removeAll(PodId id, PodStatus observed) throws IOException, InterruptedException {
    for (ContainerStatus container : observed.containers()) {
      remove(id, container);
    }
    for (Sandbox sandbox : observed.sandboxes()) {
      remove(sandbox.id());
    }
    for (String left : withoutContainer(id, observed)) {
      remove(left);
    }
    traces.run(
        "step", "remove log directory", () -> logs.removePod(id.namespace(), id.name(), id.uid()));
    volumes("unmount volumes", () -> volumes.unmount(id.uid()));
    volumes("remove pod directory", () -> volumes.removeDirectory(id.uid()));
  }

  /// Sandboxes that a runtime lists only when it is asked for all: their container is gone
  /// (the agent was killed while it removed them, or somebody did it by hand), and what is
  /// left of them goes with their removal. Dockershim's checkpoints are such.
  private List<String> withoutContainer(PodId id, PodStatus observed) throws IOException {
    Set<String> known = observed.sandboxes().stream().map(Sandbox::id).collect(Collectors.toSet());
    return client.listPodSandbox(PodSandboxFilter.getDefaultInstance()).stream()
        .filter(sandbox -> sandbox.getMetadata().getUid().equals(id.uid()))
        .map(PodSandbox::getId)
        .filter(sandbox -> !known.contains(sandbox))
        .toList();
  }

  private void volumes(String step, Traces.Action<Exception> action)
      throws IOException, InterruptedException {
    try {
      traces.run("step", step, action);
    } catch (VolumeException e) {
      throw new IOException(e.getMessage(), e);
    } catch (IOException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void remove(PodId id, ContainerStatus container) throws IOException {
    traces.<IOException>run("step", "remove container", () -> removeNow(id, container));
  }

  private void removeNow(PodId id, ContainerStatus container) throws IOException {
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
  private void remove(String sandboxId) throws IOException {
    traces.<IOException>run("step", "remove sandbox", () -> {
      client.stopPodSandbox(sandboxId);
      client.removePodSandbox(sandboxId);
    });
  }
}
