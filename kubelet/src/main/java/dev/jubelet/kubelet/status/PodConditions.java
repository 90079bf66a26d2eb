package dev.jubelet.kubelet.status;

import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodReadinessGate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The conditions that a kubelet owns, in upstream's order; those of others are kept as they are.
final class PodConditions {
  private static final Set<String> OWNED = Set.of(
      "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled");

  private final FrozenPod pod;
  private final List<PodCondition> previous;
  private final Instant now;

  PodConditions(FrozenPod pod, List<PodCondition> previous, Instant now) {
    this.pod = pod;
    this.previous = previous;
    this.now = now;
  }

  /// What a condition says; an empty reason and message are left out.
  private record Verdict(boolean holds, String reason, String message) {
    static final Verdict TRUE = new Verdict(true, "", "");
  }

  List<PodCondition> of(
      List<ContainerStatus> init,
      List<ContainerStatus> regular,
      String phase,
      boolean sandboxReady) {
    Verdict containersReady = containersReady(init, regular, phase);
    List<PodCondition> conditions = foreign();
    conditions.add(condition("PodReadyToStartContainers", new Verdict(sandboxReady, "", "")));
    conditions.add(condition("Initialized", initialized(init, regular, phase)));
    conditions.add(condition("Ready", ready(containersReady)));
    conditions.add(condition("ContainersReady", containersReady));
    conditions.add(condition("PodScheduled", Verdict.TRUE));
    return conditions;
  }

  /// Of a pod that was never let in.
  List<PodCondition> refused() {
    List<PodCondition> conditions = foreign();
    conditions.add(condition("PodScheduled", Verdict.TRUE));
    return conditions;
  }

  private List<PodCondition> foreign() {
    return new ArrayList<>(
        previous.stream().filter(c -> !OWNED.contains(c.getType())).toList());
  }

  private Verdict initialized(
      List<ContainerStatus> init, List<ContainerStatus> regular, String phase) {
    List<String> unknown = new ArrayList<>();
    List<String> incomplete = new ArrayList<>();
    for (Container container : pod.initContainers()) {
      Optional<ContainerStatus> status = PodPhase.find(init, container.getName());
      boolean sidecar = FrozenPod.isSidecar(container);
      if (status.isEmpty()) {
        unknown.add(container.getName());
      } else if (!Boolean.TRUE.equals(
          sidecar ? status.get().getStarted() : status.get().getReady())) {
        incomplete.add(container.getName());
      }
    }
    if (phase.equals(PodPhase.SUCCEEDED) && unknown.isEmpty()) {
      return new Verdict(true, "PodCompleted", "");
    }
    if (PodPhase.anyStarted(regular)) {
      return Verdict.TRUE;
    }
    return verdict("ContainersNotInitialized", unknown, "incomplete", incomplete);
  }

  private Verdict containersReady(
      List<ContainerStatus> init, List<ContainerStatus> regular, String phase) {
    List<String> unknown = new ArrayList<>();
    List<String> unready = new ArrayList<>();
    pod.initContainers().stream()
        .filter(FrozenPod::isSidecar)
        .forEach(c -> sort(c, init, unknown, unready));
    pod.containers().forEach(c -> sort(c, regular, unknown, unready));
    if (phase.equals(PodPhase.SUCCEEDED) && unknown.isEmpty()) {
      return new Verdict(false, "PodCompleted", "");
    }
    if (phase.equals(PodPhase.FAILED)) {
      return new Verdict(false, "PodFailed", "");
    }
    return verdict("ContainersNotReady", unknown, "unready", unready);
  }

  private static void sort(
      Container container,
      List<ContainerStatus> statuses,
      List<String> unknown,
      List<String> unready) {
    Optional<ContainerStatus> status = PodPhase.find(statuses, container.getName());
    if (status.isEmpty()) {
      unknown.add(container.getName());
    } else if (!Boolean.TRUE.equals(status.get().getReady())) {
      unready.add(container.getName());
    }
  }

  private static Verdict verdict(
      String reason, List<String> unknown, String badName, List<String> bad) {
    List<String> messages = new ArrayList<>();
    if (!unknown.isEmpty()) {
      messages.add("containers with unknown status: [" + String.join(" ", unknown) + "]");
    }
    if (!bad.isEmpty()) {
      messages.add("containers with %s status: [%s]".formatted(badName, String.join(" ", bad)));
    }
    return messages.isEmpty()
        ? Verdict.TRUE
        : new Verdict(false, reason, String.join(", ", messages));
  }

  private Verdict ready(Verdict containersReady) {
    List<PodReadinessGate> gates = pod.object().getSpec().getReadinessGates();
    if (!containersReady.holds() || gates == null) {
      return containersReady;
    }
    List<String> messages = gates.stream()
        .map(PodReadinessGate::getConditionType)
        .filter(type -> !isTrue(type))
        .map(this::gateMessage)
        .toList();
    return messages.isEmpty()
        ? containersReady
        : new Verdict(false, "ReadinessGatesNotReady", String.join(", ", messages));
  }

  private boolean isTrue(String type) {
    return old(type).filter(c -> "True".equals(c.getStatus())).isPresent();
  }

  private String gateMessage(String type) {
    String what = old(type).isPresent() ? "is not \"True\"" : "does not exist";
    return "corresponding condition of pod readiness gate \"%s\" %s.".formatted(type, what);
  }

  private PodCondition condition(String type, Verdict verdict) {
    String status = verdict.holds() ? "True" : "False";
    Optional<PodCondition> old = old(type).filter(c -> status.equals(c.getStatus()));
    return new PodConditionBuilder()
        .withType(type)
        .withStatus(status)
        .withReason(orNull(verdict.reason()))
        .withMessage(orNull(verdict.message()))
        .withLastTransitionTime(
            old.map(PodCondition::getLastTransitionTime).orElse(States.time(now)))
        .build();
  }

  private Optional<PodCondition> old(String type) {
    return previous.stream().filter(c -> type.equals(c.getType())).findFirst();
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
