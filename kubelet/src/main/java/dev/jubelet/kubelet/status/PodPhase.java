package dev.jubelet.kubelet.status;

import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import java.util.List;
import java.util.Optional;

/// A pod's phase from its containers' API statuses (upstream `getPhase`).
final class PodPhase {
  static final String PENDING = "Pending";
  static final String RUNNING = "Running";
  static final String SUCCEEDED = "Succeeded";
  static final String FAILED = "Failed";

  private final FrozenPod pod;
  private int pendingInit;
  private int pendingSidecars;
  private int running;
  private int waiting;
  private int stopped;
  private int succeeded;
  private int unknown;
  private boolean initFailedForGood;
  private boolean mayComeBack;

  private PodPhase(FrozenPod pod) {
    this.pod = pod;
  }

  /// @param terminated no container runs any more nor will again
  static String of(
      FrozenPod pod,
      List<ContainerStatus> init,
      List<ContainerStatus> regular,
      boolean terminated) {
    PodPhase phase = new PodPhase(pod);
    for (Container container : pod.initContainers()) {
      Optional<ContainerStatus> status = find(init, container.getName());
      if (FrozenPod.isSidecar(container)) {
        phase.countSidecar(status);
      } else {
        phase.countInit(container, status);
      }
    }
    for (Container container : pod.containers()) {
      phase.countRegular(container, find(regular, container.getName()));
    }
    return terminated ? phase.atTheEnd() : phase.now(anyStarted(regular));
  }

  static boolean isFinal(String phase) {
    return phase.equals(SUCCEEDED) || phase.equals(FAILED);
  }

  /// Whether any regular container ever ran, which proves that the init containers were done.
  static boolean anyStarted(List<ContainerStatus> regular) {
    return regular.stream()
        .anyMatch(s -> s.getState().getWaiting() == null || last(s).getTerminated() != null);
  }

  static Optional<ContainerStatus> find(List<ContainerStatus> statuses, String name) {
    return statuses.stream().filter(s -> s.getName().equals(name)).findFirst();
  }

  private void countInit(Container container, Optional<ContainerStatus> found) {
    if (found.isEmpty()) {
      pendingInit++;
      return;
    }
    ContainerState state = found.get().getState();
    ContainerState ended = state.getTerminated() != null ? state : last(found.get());
    boolean failed = ended.getTerminated() != null && ended.getTerminated().getExitCode() != 0;
    if (state.getRunning() != null || (state.getWaiting() != null && !failed)) {
      pendingInit++;
    } else if (failed && policy(container).equals("Never")) {
      initFailedForGood = true;
    } else if (failed) {
      pendingInit++;
    }
  }

  // an ended sidecar does not count
  private void countSidecar(Optional<ContainerStatus> found) {
    if (found.isEmpty()) {
      unknown++;
      return;
    }
    ContainerStatus status = found.get();
    if (status.getState().getRunning() != null) {
      running++;
    } else if (status.getState().getWaiting() != null && last(status).getTerminated() == null) {
      pendingSidecars++;
    }
  }

  private void countRegular(Container container, Optional<ContainerStatus> found) {
    if (found.isEmpty()) {
      unknown++;
      return;
    }
    ContainerState state = found.get().getState();
    if (state.getRunning() != null) {
      running++;
      return;
    }
    ContainerState ended = state.getTerminated() != null ? state : last(found.get());
    if (ended.getTerminated() == null) {
      waiting++;
      return;
    }
    stopped++;
    boolean success = ended.getTerminated().getExitCode() == 0;
    succeeded += success && state.getTerminated() != null ? 1 : 0;
    String policy = policy(container);
    mayComeBack |= policy.equals("Always") || (policy.equals("OnFailure") && !success);
  }

  private String now(boolean initialized) {
    if (initFailedForGood) {
      return FAILED;
    }
    boolean initializing = !initialized && (pendingInit > 0 || pendingSidecars > 0);
    if (initializing || waiting > 0 || unknown > 0) {
      return PENDING;
    }
    if (running > 0 || mayComeBack) {
      return RUNNING;
    }
    if (stopped == 0) {
      return PENDING;
    }
    return stopped == succeeded ? SUCCEEDED : FAILED;
  }

  private String atTheEnd() {
    boolean all = stopped == succeeded && waiting == 0 && unknown == 0 && running == 0;
    return all && stopped > 0 && !initFailedForGood ? SUCCEEDED : FAILED;
  }

  private String policy(Container container) {
    String own = container.getRestartPolicy();
    return own == null || own.isEmpty() ? pod.restartPolicy() : own;
  }

  private static ContainerState last(ContainerStatus status) {
    return status.getLastState() == null ? new ContainerState() : status.getLastState();
  }
}
