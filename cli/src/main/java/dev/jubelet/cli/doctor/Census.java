package dev.jubelet.cli.doctor;

import dev.jubelet.dockershim.docker.DockerApi.ContainerSummary;
import dev.jubelet.dockershim.naming.DockerName;
import dev.jubelet.dockershim.naming.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The engine's containers, told apart as the shim tells them: by owner and name, never by labels
/// alone, which an image can bring.
final class Census {
  private static final Set<String> RUNNING = Set.of("running", "paused", "restarting");
  private static final String PROBE = "jubelet-probe-";

  private final Map<String, ContainerSummary> byId = new HashMap<>();
  private final List<Member> ours = new ArrayList<>();
  private final List<Member> otherPods = new ArrayList<>();
  private final List<ContainerSummary> plain = new ArrayList<>();
  private final List<ContainerSummary> probes = new ArrayList<>();

  /// A container of a pod.
  ///
  /// @param owner the root that made it; empty of dockershim's and cri-dockerd's
  record Member(ContainerSummary container, DockerName name, String owner) {
    String id() {
      return container.id();
    }

    boolean runs() {
      return RUNNING.contains(container.state());
    }

    boolean isSandbox() {
      return name.isSandbox();
    }

    /// Its own id for a sandbox.
    String sandboxId() {
      return isSandbox() ? id() : container.labels().getOrDefault(Labels.SANDBOX_ID, "");
    }

    String pod() {
      return name.namespace() + "/" + name.pod();
    }
  }

  Census(List<ContainerSummary> containers, Set<String> owners) {
    for (ContainerSummary container : containers) {
      byId.put(container.id(), container);
      Optional<Member> member = member(container);
      if (member.isPresent()) {
        (owners.contains(member.get().owner()) ? ours : otherPods).add(member.get());
      } else {
        (name(container).startsWith(PROBE) ? probes : plain).add(container);
      }
    }
  }

  static String name(ContainerSummary container) {
    return container.names().isEmpty() ? container.id() : container.names().getFirst();
  }

  private static Optional<Member> member(ContainerSummary container) {
    String owner = container.labels().getOrDefault(Labels.OWNER, "");
    return container.names().stream()
        .flatMap(name -> DockerName.parse(name).stream())
        .filter(name -> type(name).equals(container.labels().get(Labels.TYPE)))
        .filter(name -> given(name, container))
        .findFirst()
        .map(name -> new Member(container, name, owner));
  }

  /// False for a container of an image that was committed from one of ours.
  private static boolean given(DockerName name, ContainerSummary container) {
    String given = container.labels().get(Labels.NAME);
    return given == null || given.equals(name.withSuffix("").toString());
  }

  private static String type(DockerName name) {
    return name.isSandbox() ? Labels.TYPE_SANDBOX : Labels.TYPE_CONTAINER;
  }

  /// Those of the roots that are looked at.
  List<Member> ours() {
    return ours;
  }

  /// Of dockershim, cri-dockerd and other roots of ours.
  List<Member> otherPods() {
    return otherPods;
  }

  /// Containers of no pod.
  List<ContainerSummary> plain() {
    return plain;
  }

  /// What a shim starts for a moment to learn what its engine may do.
  List<ContainerSummary> probes() {
    return probes;
  }

  boolean exists(String id) {
    return byId.containsKey(id);
  }

  boolean runs(String id) {
    ContainerSummary container = byId.get(id);
    return container != null && RUNNING.contains(container.state());
  }

  boolean isOurs(String id) {
    return ours.stream().anyMatch(member -> member.id().equals(id));
  }

  /// Of pods with a container of any state, ours or not.
  Set<String> uids() {
    Set<String> uids = new HashSet<>();
    ours.forEach(member -> uids.add(member.name().uid()));
    otherPods.forEach(member -> uids.add(member.name().uid()));
    return uids;
  }

  /// Of our pods with such a sandbox.
  Set<String> uids(Predicate<Member> sandbox) {
    return ours.stream()
        .filter(Member::isSandbox)
        .filter(sandbox)
        .map(member -> member.name().uid())
        .collect(Collectors.toSet());
  }

  /// The pods: our running sandboxes.
  List<Member> running() {
    return ours.stream().filter(Member::isSandbox).filter(Member::runs).toList();
  }
}
