package dev.jubelet.kubelet.runtime.plan;

import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatus.ContainerStatus;
import dev.jubelet.kubelet.cri.PodStatus.Sandbox;
import dev.jubelet.kubelet.cri.PodStatus.State;
import dev.jubelet.kubelet.pod.ContainerHash;
import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Pods and what a runtime shows of them, in a line.
final class PodFixture {
  static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

  private PodFixture() {}

  static FrozenPod pod(String policy, List<Container> inits, List<Container> containers) {
    return new FrozenPod(
        new PodBuilder()
            .withNewMetadata()
            .withName("web")
            .withNamespace("default")
            .withUid("u1")
            .endMetadata()
            .withNewSpec()
            .withRestartPolicy(policy)
            .withInitContainers(inits)
            .withContainers(containers)
            .endSpec()
            .build(),
        "file",
        NOW);
  }

  static Container container(String name) {
    return new ContainerBuilder().withName(name).withImage("busybox").build();
  }

  static Container sidecar(String name) {
    return container(name, "Always");
  }

  static Container container(String name, String policy) {
    return new ContainerBuilder()
        .withName(name)
        .withImage("busybox")
        .withRestartPolicy(policy)
        .build();
  }

  static Sandbox sandbox(String id, int attempt, boolean ready) {
    return new Sandbox(
        id,
        attempt,
        ready,
        false,
        NOW.minusSeconds(1000 - attempt),
        List.of("10.0.0.2"),
        Map.of(),
        Map.of());
  }

  static PodStatus status(List<Sandbox> sandboxes, ContainerStatus... containers) {
    List<ContainerStatus> newestFirst = new ArrayList<>(List.of(containers));
    newestFirst.sort(Comparator.comparing(ContainerStatus::createdAt).reversed());
    return new PodStatus("u1", "web", "default", List.of(), sandboxes, newestFirst, NOW);
  }

  static ContainerStatus running(String name) {
    return instance(name, "s0", State.RUNNING, 0, 0, ContainerHash.of(name, "busybox"), "busybox");
  }

  static ContainerStatus exited(String name, int code) {
    return exited(name, code, "s0", 0);
  }

  static ContainerStatus exited(String name, int code, String sandbox, int restarts) {
    return instance(
        name, sandbox, State.EXITED, code, restarts, ContainerHash.of(name, "busybox"), "busybox");
  }

  static ContainerStatus inState(String name, State state) {
    return instance(name, "s0", state, 0, 0, ContainerHash.of(name, "busybox"), "busybox");
  }

  static ContainerStatus instance(
      String name, String sandbox, State state, int code, int restarts, String hash, String image) {
    return new ContainerStatus(
        name + "-" + restarts,
        name,
        sandbox,
        restarts,
        state,
        NOW.minusSeconds(100 - restarts),
        Optional.of(NOW.minusSeconds(90)),
        state == State.EXITED ? Optional.of(NOW.minusSeconds(5)) : Optional.empty(),
        code,
        image,
        "",
        "",
        hash,
        "",
        "",
        "",
        Map.of());
  }
}
