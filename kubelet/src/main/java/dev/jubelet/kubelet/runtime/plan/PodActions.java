package dev.jubelet.kubelet.runtime.plan;

import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatus.ContainerStatus;
import dev.jubelet.kubelet.cri.PodStatus.State;
import dev.jubelet.kubelet.pod.ContainerHash;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.runtime.plan.SandboxVerdict.Replace;
import dev.jubelet.kubelet.runtime.plan.SandboxVerdict.Usable;
import io.fabric8.kubernetes.api.model.Container;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What one sync must change about a pod. Pure: no clock, I/O or log, so each rule is a row of
/// `PodActionsTest` (upstream: computePodActions of kuberuntime_manager.go).
public sealed interface PodActions {
  /// Stop every container, then the sandboxes; start nothing.
  record Kill(String reason) implements PodActions {}

  /// Create a sandbox, replacing the old ones and what runs in them if any; `attempt` counts this
  /// pod's sandboxes from 0. `why` is for the log.
  record Recreate(
      Optional<String> oldSandboxId, int attempt, String why, List<Start> start, List<Held> held)
      implements PodActions {
    public Recreate {
      start = List.copyOf(start);
      held = List.copyOf(held);
    }
  }

  /// Keep the sandbox: stop, then start, in spec order. All lists empty means in sync.
  record Adjust(String sandboxId, List<Victim> stop, List<Start> start, List<Held> held)
      implements PodActions {
    public Adjust {
      stop = List.copyOf(stop);
      start = List.copyOf(start);
      held = List.copyOf(held);
    }

    public boolean inSync() {
      return stop.isEmpty() && start.isEmpty() && held.isEmpty();
    }
  }

  /// A container to stop; `message` becomes the message of the pod's `Killing` event, `reason` is
  /// upstream's kill reason (empty for a changed definition).
  record Victim(ContainerStatus container, String message, String reason) {
    static Victim changed(ContainerStatus container) {
      return new Victim(
          container,
          "Container " + container.name() + " definition changed, will be restarted",
          "");
    }

    static Victim unknown(ContainerStatus container) {
      return new Victim(
          container, "Container is in \"Unknown\" state, try killing it before restart", "Unknown");
    }

    static Victim stray(ContainerStatus container) {
      return new Victim(
          container,
          "Container " + container.name() + " runs in an old sandbox, will be restarted",
          "");
    }
  }

  /// A container to start now.
  ///
  /// @param attempt its restart count
  /// @param backoffKey its entry of the [BackoffTable]
  /// @param exitedAt when its former instance ended; empty when none did
  record Start(
      Container container,
      ContainerKind kind,
      int attempt,
      String backoffKey,
      Optional<Instant> exitedAt) {
    public String name() {
      return container.getName();
    }
  }

  /// A container that waits out its crash-loop back-off.
  record Held(Container container, ContainerKind kind, Instant until, Duration delay) {}

  /// @param now on the clock of `backoff`
  static PodActions of(FrozenPod pod, PodStatus observed, BackoffTable backoff, Instant now) {
    var split = new Split(observed, backoff.seeing(observed, now), now);
    return switch (SandboxVerdict.of(pod, observed)) {
      case Replace old -> recreate(pod, observed, old, split);
      case Usable(var id) -> {
        InitProgress init = InitProgress.of(pod, observed, id);
        if (init.failed()) {
          yield new Kill("an init container failed and is not restarted");
        }
        yield init.done() ? adjust(pod, observed, id, init, split) : waitForInit(id, init, split);
      }
    };
  }

  private static PodActions recreate(FrozenPod pod, PodStatus observed, Replace old, Split split) {
    boolean oneTry = pod.containers().stream().noneMatch(c -> restartsOnFailure(pod, c));
    if (oneTry && old.attempt() != 0 && !observed.containers().isEmpty()) {
      return new Kill("the sandbox ended and the restart policy is Never");
    }
    List<Container> wanted =
        pod.containers().stream().filter(c -> !isDone(pod, observed, c)).toList();
    boolean anyCreated =
        pod.containers().stream().anyMatch(c -> observed.newest(c.getName()).isPresent());
    if (pod.deletionRequested() || (wanted.isEmpty() && anyCreated)) {
      return new Kill("no container of the pod is to run any more");
    }
    if (pod.initContainers().isEmpty()) {
      wanted.forEach(c -> split.add(c, ContainerKind.REGULAR));
    } else {
      Container first = pod.initContainers().getFirst();
      split.add(first, ContainerKind.ofInit(first));
    }
    return new Recreate(old.oldSandboxId(), old.attempt(), old.why(), split.start, split.held);
  }

  private static boolean restartsOnFailure(FrozenPod pod, Container container) {
    return RestartRules.restartsOnFailure(pod, container);
  }

  private static boolean isDone(FrozenPod pod, PodStatus observed, Container container) {
    Optional<ContainerStatus> newest = observed.newest(container.getName());
    return switch (RestartRules.policy(pod, container)) {
      case "OnFailure" -> newest.filter(RestartRules::succeeded).isPresent();
      case "Never" -> newest.filter(s -> s.state() == State.EXITED).isPresent();
      default -> false;
    };
  }

  private static Adjust waitForInit(String sandboxId, InitProgress init, Split split) {
    init.start().forEach(c -> split.add(c, ContainerKind.ofInit(c)));
    return new Adjust(sandboxId, init.stop(), split.start, split.held);
  }

  private static PodActions adjust(
      FrozenPod pod, PodStatus observed, String sandboxId, InitProgress init, Split split) {
    List<Victim> stop = new ArrayList<>(init.stop());
    init.start().forEach(c -> split.add(c, ContainerKind.ofInit(c)));
    int kept = 0;
    boolean startsRegular = false;
    for (Container container : pod.containers()) {
      Optional<ContainerStatus> newest = observed.newest(container.getName());
      Optional<Victim> victim = newest.flatMap(status -> victim(container, status, sandboxId));
      victim.ifPresent(stop::add);
      boolean runs = newest.filter(s -> s.state() == State.RUNNING).isPresent();
      if (runs && victim.isEmpty()) {
        kept++;
      } else if (runs || RestartRules.shouldStart(pod, container, newest)) {
        split.add(container, ContainerKind.REGULAR);
        startsRegular = true;
      }
    }
    return kept == 0 && !startsRegular
        ? new Kill("no container of the pod is to run any more")
        : new Adjust(sandboxId, stop, split.start, split.held);
  }

  private static Optional<Victim> victim(
      Container container, ContainerStatus status, String sandboxId) {
    return switch (status.state()) {
      case UNKNOWN -> Optional.of(Victim.unknown(status));
      case RUNNING -> {
        if (RestartRules.changed(container, status)) {
          yield Optional.of(Victim.changed(status));
        }
        yield status.sandboxId().equals(sandboxId)
            ? Optional.empty()
            : Optional.of(Victim.stray(status));
      }
      case CREATED, EXITED -> Optional.empty();
    };
  }

  /// Sorts what is to start into now and later.
  final class Split {
    private final PodStatus observed;
    private final BackoffTable backoff;
    private final Instant now;
    private final List<Start> start = new ArrayList<>();
    private final List<Held> held = new ArrayList<>();

    private Split(PodStatus observed, BackoffTable backoff, Instant now) {
      this.observed = observed;
      this.backoff = backoff;
      this.now = now;
    }

    private void add(Container container, ContainerKind kind) {
      Optional<ContainerStatus> newest = observed.newest(container.getName());
      Optional<Instant> exited = newest.flatMap(backoff::end);
      String key = BackoffTable.key(container.getName(), ContainerHash.of(container));
      Optional<Instant> until = exited.flatMap(at -> backoff.heldUntil(key, at, now));
      if (until.isPresent()) {
        held.add(new Held(container, kind, until.get(), backoff.delay(key)));
      } else {
        int attempt = newest.map(s -> s.restartCount() + 1).orElse(0);
        start.add(new Start(container, kind, attempt, key, exited));
      }
    }
  }
}
