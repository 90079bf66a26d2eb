package dev.jubelet.kubelet.status;

import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatus.State;
import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateTerminatedBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The API statuses of a pod's init or regular containers (upstream
/// `convertToAPIContainerStatuses`).
final class ContainerStatuses {
  private static final int KILLED = 137;
  private static final String UNKNOWN = "ContainerStatusUnknown";

  private final StatusInput input;
  private final boolean init;
  private final Map<String, ContainerStatus> previous = new HashMap<>();

  private ContainerStatuses(StatusInput input, boolean init, List<ContainerStatus> previous) {
    this.input = input;
    this.init = init;
    previous.forEach(status -> this.previous.put(status.getName(), status));
  }

  /// In spec order.
  static List<ContainerStatus> init(StatusInput input) {
    var previous = input.previous().map(p -> p.getInitContainerStatuses()).orElse(List.of());
    return new ContainerStatuses(input, true, previous).of(input.pod().initContainers());
  }

  /// In spec order.
  static List<ContainerStatus> regular(StatusInput input) {
    var previous = input.previous().map(p -> p.getContainerStatuses()).orElse(List.of());
    return new ContainerStatuses(input, false, previous).of(input.pod().containers());
  }

  private List<ContainerStatus> of(List<Container> containers) {
    List<ContainerStatus> statuses = new ArrayList<>();
    for (Container container : containers) {
      ContainerStatus status = of(container);
      boolean running = status.getState().getRunning() != null;
      status.setStarted(running);
      status.setReady((running && !plainInit(container)) || completed(container, status));
      statuses.add(status);
    }
    return statuses;
  }

  private boolean plainInit(Container container) {
    return init && !isSidecar(container);
  }

  // an init container is ready when it is done
  private boolean completed(Container container, ContainerStatus status) {
    ContainerStateTerminated terminated = status.getState().getTerminated();
    return plainInit(container) && terminated != null && terminated.getExitCode() == 0;
  }

  private ContainerStatus of(Container container) {
    String name = container.getName();
    List<PodStatus.ContainerStatus> instances = input.observed().containers().stream()
        .filter(c -> c.name().equals(name))
        .toList();
    @Nullable ContainerStatus old = previous.get(name);
    ContainerStatus status =
        instances.isEmpty() ? withoutInstance(container, old) : newest(instances.getFirst(), old);
    if (instances.size() > 1) {
      status.setLastState(newest(instances.get(1), null).getState());
    } else if (!instances.isEmpty() && old != null && sameOrNext(status, old)) {
      status.setLastState(lastState(status, old));
    }
    Optional<State> state = instances.stream().findFirst().map(c -> c.state());
    if (restarts(
        container, state, instances.isEmpty() ? 0 : instances.getFirst().exitCode())) {
      applyWaitingReason(name, status);
    }
    if (old != null) {
      status.setRestartCount(Math.max(status.getRestartCount(), orZero(old.getRestartCount())));
    }
    return neverBack(container, status, old);
  }

  // the instance before may have been collected meanwhile
  private static boolean sameOrNext(ContainerStatus status, ContainerStatus old) {
    return status.getLastState().getTerminated() == null && old.getState() != null;
  }

  private static ContainerState lastState(ContainerStatus status, ContainerStatus old) {
    boolean same =
        old.getContainerID() != null && old.getContainerID().equals(status.getContainerID());
    if (!same && old.getState().getTerminated() != null) {
      return States.copy(old.getState());
    }
    return States.copy(old.getLastState());
  }

  private ContainerStatus newest(PodStatus.ContainerStatus seen, @Nullable ContainerStatus old) {
    ContainerStatus status = blank(seen.name(), seen.image());
    status.setImageID(seen.imageId().isEmpty() ? seen.imageRef() : seen.imageId());
    status.setContainerID(input.runtimeName() + "://" + seen.id());
    status.setRestartCount(seen.restartCount());
    status.setState(
        switch (seen.state()) {
          case RUNNING -> States.running(seen.startedAt().orElse(seen.createdAt()));
          case CREATED -> States.waiting("", "");
          case EXITED -> States.exited(seen, status.getContainerID());
          case UNKNOWN -> unknown(old);
        });
    return status;
  }

  private static ContainerState unknown(@Nullable ContainerStatus old) {
    boolean ran = old != null && old.getState() != null && old.getState().getRunning() != null;
    return ran ? States.terminated(lost()) : States.waiting("", "");
  }

  private ContainerStatus withoutInstance(Container container, @Nullable ContainerStatus old) {
    if (old != null && old.getState() != null && old.getState().getTerminated() != null) {
      return States.copy(old);
    }
    ContainerStatus status = blank(container.getName(), container.getImage());
    status.setState(States.waiting(
        input.pod().initContainers().isEmpty() ? "ContainerCreating" : "PodInitializing", ""));
    if (old == null) {
      return status;
    }
    status.setRestartCount(orZero(old.getRestartCount()));
    status.setLastState(States.copy(old.getLastState()));
    boolean ran = old.getState() != null && old.getState().getRunning() != null;
    if (ran && status.getLastState().getTerminated() == null) {
      status.setLastState(States.terminated(lost()));
      if (!input.terminating()) {
        status.setRestartCount(status.getRestartCount() + 1);
      }
    }
    return status;
  }

  private static ContainerStateTerminated lost() {
    return new ContainerStateTerminatedBuilder()
        .withReason(UNKNOWN)
        .withMessage("The container could not be located when the pod was terminated")
        .withExitCode(KILLED)
        .build();
  }

  private static ContainerStatus blank(String name, String image) {
    ContainerStatus status = new ContainerStatus();
    status.setName(name);
    status.setImage(image);
    status.setImageID("");
    status.setRestartCount(0);
    status.setLastState(new ContainerState());
    return status;
  }

  private boolean restarts(Container container, Optional<State> state, int exitCode) {
    if (input.terminating() || input.pod().deletionRequested()) {
      return false;
    }
    return switch (state.orElse(State.CREATED)) {
      case RUNNING -> false;
      case CREATED, UNKNOWN -> true;
      case EXITED -> restartsAfter(container, exitCode);
    };
  }

  private boolean restartsAfter(Container container, int exitCode) {
    if (plainInit(container) && exitCode == 0) {
      return false;
    }
    return switch (policy(container)) {
      case "Never" -> false;
      case "OnFailure" -> exitCode != 0;
      default -> true;
    };
  }

  private void applyWaitingReason(String name, ContainerStatus status) {
    WaitingReason reason = input.reasons().get(name);
    if (reason == null) {
      return;
    }
    if (status.getState().getTerminated() != null) {
      status.setLastState(status.getState());
    }
    status.setState(States.waiting(reason.reason(), reason.message()));
  }

  // a container that may not come back never shows as waiting after it ended
  private ContainerStatus neverBack(
      Container container, ContainerStatus status, @Nullable ContainerStatus old) {
    ContainerState before = old == null ? null : old.getState();
    if (old == null || before == null || before.getTerminated() == null) {
      return finished(status);
    }
    boolean back = status.getState().getWaiting() != null;
    boolean allowed =
        !input.terminating() && restartsAfter(container, before.getTerminated().getExitCode());
    return back && !allowed ? States.copy(old) : finished(status);
  }

  // what is not seen any more when the pod ended, ended too
  private ContainerStatus finished(ContainerStatus status) {
    if (input.terminated() && status.getState().getTerminated() == null && started(status)) {
      ContainerState last = status.getLastState();
      status.setState(last.getTerminated() != null ? last : States.terminated(lost()));
    }
    return status;
  }

  private static boolean started(ContainerStatus status) {
    return status.getState().getRunning() != null || status.getLastState().getTerminated() != null;
  }

  private String policy(Container container) {
    String own = container.getRestartPolicy();
    return own == null || own.isEmpty() ? input.pod().restartPolicy() : own;
  }

  private static boolean isSidecar(Container container) {
    return FrozenPod.isSidecar(container);
  }

  private static int orZero(@Nullable Integer number) {
    return number == null ? 0 : number;
  }
}
