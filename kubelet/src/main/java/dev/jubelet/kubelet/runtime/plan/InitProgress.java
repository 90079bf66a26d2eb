package dev.jubelet.kubelet.runtime.plan;

import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatus.ContainerStatus;
import dev.jubelet.kubelet.cri.PodStatus.State;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.runtime.plan.PodActions.Victim;
import io.fabric8.kubernetes.api.model.Container;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// How far a pod's init containers are, in the current sandbox only: what ran in an older one does
/// not count, so a new sandbox begins with the first again.
///
/// The last init container that was ever created here is the frontier: it alone decides what comes
/// next. Before it, one-time containers are done and sidecars are kept running.
///
/// @param done the regular containers may run
/// @param failed a one-time container failed for good; the pod ends
/// @param start in spec order
record InitProgress(boolean done, boolean failed, List<Container> start, List<Victim> stop) {
  InitProgress {
    start = List.copyOf(start);
    stop = List.copyOf(stop);
  }

  static InitProgress of(FrozenPod pod, PodStatus observed, String sandboxId) {
    return new Walk(pod, observed, sandboxId).result();
  }

  private static final class Walk {
    private final FrozenPod pod;
    private final PodStatus observed;
    private final String sandboxId;
    private final List<Container> inits;
    private final TreeMap<Integer, Container> start = new TreeMap<>();
    private final TreeMap<Integer, Victim> stop = new TreeMap<>();

    Walk(FrozenPod pod, PodStatus observed, String sandboxId) {
      this.pod = pod;
      this.observed = observed;
      this.sandboxId = sandboxId;
      this.inits = pod.initContainers();
    }

    InitProgress result() {
      if (regularStarted()) {
        keepSidecars(inits.size());
        return progress(true);
      }
      int frontier = frontier();
      keepSidecars(Math.max(frontier, 0));
      if (frontier < 0) {
        startAt(0);
        return progress(inits.isEmpty());
      }
      Container container = inits.get(frontier);
      ContainerStatus status = here(container).orElseThrow();
      return FrozenPod.isSidecar(container)
          ? sidecarFrontier(frontier, container, status)
          : oneTimeFrontier(frontier, container, status);
    }

    /// What an older sandbox still shows proves nothing: after a reboot it is listed, too.
    private boolean regularStarted() {
      return pod.containers().stream().anyMatch(c -> here(c).isPresent());
    }

    private int frontier() {
      for (int i = inits.size() - 1; i >= 0; i--) {
        if (here(inits.get(i)).isPresent()) {
          return i;
        }
      }
      return -1;
    }

    private void keepSidecars(int before) {
      for (int i = 0; i < before; i++) {
        if (FrozenPod.isSidecar(inits.get(i))) {
          keepSidecar(i);
        }
      }
    }

    /// Says whether it runs and may go on.
    private boolean keepSidecar(int index) {
      Container sidecar = inits.get(index);
      Optional<ContainerStatus> status = here(sidecar);
      State state = status.map(ContainerStatus::state).orElse(State.EXITED);
      if (state == State.RUNNING && !RestartRules.changed(sidecar, status.orElseThrow())) {
        return true;
      }
      if (state == State.RUNNING) {
        stop.put(index, Victim.changed(status.orElseThrow()));
      } else if (state == State.UNKNOWN) {
        stop.put(index, Victim.unknown(status.orElseThrow()));
      }
      startAt(index);
      return false;
    }

    private InitProgress sidecarFrontier(int index, Container sidecar, ContainerStatus status) {
      if (keepSidecar(index) && !lastOne(index)) {
        startAt(index + 1);
      }
      boolean runs = status.state() == State.RUNNING && !RestartRules.changed(sidecar, status);
      return progress(runs && lastOne(index));
    }

    private InitProgress oneTimeFrontier(int index, Container init, ContainerStatus status) {
      return switch (status.state()) {
        case RUNNING -> progress(false);
        case CREATED -> again(index);
        case UNKNOWN -> {
          stop.put(index, Victim.unknown(status));
          yield failure(index, init);
        }
        case EXITED -> status.exitCode() == 0 ? next(index) : failure(index, init);
      };
    }

    private InitProgress failure(int index, Container init) {
      return RestartRules.restartsOnFailure(pod, init)
          ? again(index)
          : new InitProgress(false, true, List.of(), List.of());
    }

    private InitProgress again(int index) {
      startAt(index);
      return progress(false);
    }

    private InitProgress next(int index) {
      if (!lastOne(index)) {
        startAt(index + 1);
      }
      return progress(lastOne(index));
    }

    private boolean lastOne(int index) {
      return index == inits.size() - 1;
    }

    private void startAt(int index) {
      if (index < inits.size() && !pod.deletionRequested()) {
        start.put(index, inits.get(index));
      }
    }

    private Optional<ContainerStatus> here(Container container) {
      return observed
          .newest(container.getName())
          .filter(status -> status.sandboxId().equals(sandboxId));
    }

    private InitProgress progress(boolean done) {
      return new InitProgress(done, false, List.copyOf(start.values()), List.copyOf(stop.values()));
    }
  }
}
