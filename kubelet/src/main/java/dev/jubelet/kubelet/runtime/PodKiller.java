package dev.jubelet.kubelet.runtime;

import dev.jubelet.kubelet.cri.CriException;
import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.cri.PodLabels;
import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatus.ContainerStatus;
import dev.jubelet.kubelet.cri.PodStatus.Sandbox;
import dev.jubelet.kubelet.cri.RuntimeClient;
import dev.jubelet.kubelet.event.Events;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.runtime.plan.ContainerKind;
import dev.jubelet.kubelet.runtime.plan.PodActions.Victim;
import dev.jubelet.trace.Traces;
import io.fabric8.kubernetes.api.model.Container;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// Stops containers and sandboxes: all containers at once, sidecars after the others and in
/// reverse order, all inside one grace that may shrink on the way. As named steps: `kill pod`
/// of `stop containers` and `stop sandbox`, or `kill containers`.
public final class PodKiller {
  /// Upstream's least grace of a container, unless somebody asked for less.
  private static final Duration LEAST = Duration.ofSeconds(2);

  private static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);

  private final RuntimeClient client;
  private final Events events;
  private final Traces traces;

  public PodKiller(RuntimeClient client, Events events, Traces traces) {
    this.client = client;
    this.events = events;
    this.traces = traces;
  }

  /// Everything of the pod: containers, then sandboxes; dead ones too, for one that died by itself
  /// (the host rebooted) holds its address until it is stopped.
  ///
  /// @param pod empty for a pod of which only the runtime knows
  public void killPod(PodId id, Optional<FrozenPod> pod, PodStatus observed, Ending ending)
      throws IOException, InterruptedException {
    List<Victim> victims = observed.containers().stream()
        .filter(c -> c.state().mayRun())
        .map(c -> new Victim(c, "Stopping container " + c.name(), ""))
        .toList();
    if (victims.isEmpty() && observed.sandboxes().isEmpty()) {
      return;
    }
    traces.<Boolean, IOException>in("step", "kill pod", () -> {
      if (!victims.isEmpty()) {
        traces.<IOException>run("step", "stop containers", () -> stopAll(id, pod, victims, ending));
      }
      stopSandboxes(observed);
      return true;
    });
  }

  /// Single containers of a pod that goes on.
  public void killContainers(FrozenPod pod, List<Victim> victims, Ending ending)
      throws IOException, InterruptedException {
    if (victims.isEmpty()) {
      return;
    }
    traces.<Boolean, IOException>in("step", "kill containers", () -> {
      stopAll(PodId.of(pod), Optional.of(pod), victims, ending);
      return true;
    });
  }

  private void stopSandboxes(PodStatus observed) throws CriException {
    for (Sandbox sandbox : observed.sandboxes()) {
      traces.<CriException>run("step", "stop sandbox", () -> client.stopPodSandbox(sandbox.id()));
    }
  }

  private void stopAll(PodId id, Optional<FrozenPod> pod, List<Victim> victims, Ending ending)
      throws IOException {
    try (StopBudget budget = new StopBudget(grace(pod, victims), ending)) {
      List<CompletableFuture<Boolean>> stops = new ArrayList<>();
      for (Victim victim : victims) {
        announce(id, pod, victim);
        if (!isSidecar(pod, victim)) {
          stops.add(Together.begin("stop", () -> stop(victim, budget)));
        }
      }
      Together.join(stops);
      for (Victim sidecar : sidecarsLastFirst(pod, victims)) {
        stop(sidecar, budget);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while stopping the containers of pod " + id, e);
    }
  }

  private boolean stop(Victim victim, StopBudget budget) throws CriException {
    while (true) {
      Duration grace = budget.begin();
      try {
        client.stopContainer(victim.container().id(), grace);
        return true;
      } catch (CriException e) {
        if (!budget.shrank(grace)) {
          throw e;
        }
      } finally {
        budget.end();
      }
    }
  }

  private void announce(PodId id, Optional<FrozenPod> pod, Victim victim) {
    String name = victim.container().name();
    boolean init = pod.isPresent() && ContainerKind.of(pod.get(), name) != ContainerKind.REGULAR;
    String path = init ? Events.initContainerPath(name) : Events.containerPath(name);
    events.normal(id, "Killing", path, victim.message());
  }

  private static boolean isSidecar(Optional<FrozenPod> pod, Victim victim) {
    return pod.isPresent()
        && ContainerKind.of(pod.get(), victim.container().name()) == ContainerKind.SIDECAR;
  }

  private static List<Victim> sidecarsLastFirst(Optional<FrozenPod> pod, List<Victim> victims) {
    List<Victim> sidecars = new ArrayList<>();
    if (pod.isPresent()) {
      for (Container init : pod.get().initContainers().reversed()) {
        victims.stream()
            .filter(v -> FrozenPod.isSidecar(init))
            .filter(v -> v.container().name().equals(init.getName()))
            .forEach(sidecars::add);
      }
    }
    return sidecars;
  }

  private static Duration grace(Optional<FrozenPod> pod, List<Victim> victims) {
    Duration own = pod.map(p -> p.deletionGrace().orElse(p.terminationGrace()))
        .orElseGet(() -> recorded(victims));
    return own.compareTo(LEAST) < 0 ? LEAST : own;
  }

  /// The spec is gone: the containers still say what grace it gave them.
  private static Duration recorded(List<Victim> victims) {
    Duration longest = Duration.ZERO;
    for (Victim victim : victims) {
      Duration grace = recorded(victim.container());
      longest = grace.compareTo(longest) > 0 ? grace : longest;
    }
    return longest;
  }

  private static Duration recorded(ContainerStatus container) {
    String deletion = container.annotations().getOrDefault(PodLabels.DELETION_GRACE, "");
    String text = deletion.isEmpty()
        ? container.annotations().getOrDefault(PodLabels.TERMINATION_GRACE, "")
        : deletion;
    return text.matches("\\d{1,9}") ? Duration.ofSeconds(Long.parseLong(text)) : DEFAULT_GRACE;
  }
}
