package dev.jubelet.dockershim.container;

import dev.jubelet.cri.v1.Container;
import dev.jubelet.cri.v1.ContainerFilter;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.pods.Pods;
import java.util.List;

/// `ListContainers` and `StreamContainers`: no Docker call, newest first.
public final class ListContainers {
  private final Pods pods;

  public ListContainers(Pods pods) {
    this.pods = pods;
  }

  public List<Container> call(ContainerFilter filter) throws DockerException {
    return pods.containers().stream()
        .filter(c -> c.carries(filter.getLabelSelectorMap()))
        .map(ContainerView::listed)
        .filter(c -> matches(c, filter))
        .sorted((a, b) -> Long.compare(b.getCreatedAt(), a.getCreatedAt()))
        .toList();
  }

  static boolean matches(Container container, ContainerFilter filter) {
    return container.getId().startsWith(filter.getId())
        && container.getPodSandboxId().startsWith(filter.getPodSandboxId())
        && (!filter.hasState() || container.getState() == filter.getState().getState());
  }
}
