package dev.jubelet.dockershim.container;

import dev.jubelet.cri.v1.ContainerAttributes;
import dev.jubelet.cri.v1.ContainerMetadata;
import dev.jubelet.cri.v1.ContainerStatsFilter;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import java.util.List;

/// `ContainerStats`, `ListContainerStats` and `StreamContainerStats`: read from cgroup files, no
/// Docker call. A container that does not run has its attributes only.
public final class ContainerStats {
  private final Pods pods;
  private final Usage usage;

  public ContainerStats(Pods pods, Usage usage) {
    this.pods = pods;
    this.usage = usage;
  }

  public dev.jubelet.cri.v1.ContainerStats one(String id) throws DockerException {
    return of(pods.container(id));
  }

  public List<dev.jubelet.cri.v1.ContainerStats> list(ContainerStatsFilter filter)
      throws DockerException {
    return pods.containers().stream()
        .filter(c -> matches(c, filter))
        .map(this::of)
        .toList();
  }

  static boolean matches(Member container, ContainerStatsFilter filter) {
    return container.id().startsWith(filter.getId())
        && container.sandboxId().startsWith(filter.getPodSandboxId())
        && container
            .labels()
            .entrySet()
            .containsAll(filter.getLabelSelectorMap().entrySet());
  }

  private dev.jubelet.cri.v1.ContainerStats of(Member container) {
    dev.jubelet.cri.v1.ContainerStats.Builder stats = dev.jubelet.cri.v1.ContainerStats.newBuilder()
        .setAttributes(ContainerAttributes.newBuilder()
            .setId(container.id())
            .setMetadata(ContainerMetadata.newBuilder()
                .setName(container.name().container())
                .setAttempt(container.name().attempt()))
            .putAllLabels(container.labels())
            .putAllAnnotations(container.annotations()));
    if (container.inspect().running()) {
      usage.fill(container.id(), container.inspect().pid(), stats);
    }
    return stats.build();
  }

  /// What a running container uses.
  public interface Usage {
    /// Sets what can be read; what cannot stays unset.
    void fill(String id, long pid, dev.jubelet.cri.v1.ContainerStats.Builder stats);
  }
}
