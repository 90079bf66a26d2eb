package dev.jubelet.dockershim.container;

import dev.jubelet.cri.v1.UpdateContainerResourcesRequest;
import dev.jubelet.cri.v1.UpdateContainerResourcesResponse;
import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import dev.jubelet.dockershim.security.NotBuilt;
import dev.jubelet.dockershim.state.ContainerState;

/// `UpdateContainerResources`: memory and swap change together, or Docker would refuse to raise
/// memory over the old sum. oom_score_adj cannot be changed later and is left as it is.
public final class UpdateContainerResources {
  private final Pods pods;
  private final DockerApi docker;
  private final ContainerState state;

  public UpdateContainerResources(Pods pods, DockerApi docker, ContainerState state) {
    this.pods = pods;
    this.docker = docker;
    this.state = state;
  }

  public UpdateContainerResourcesResponse call(UpdateContainerResourcesRequest request)
      throws DockerException {
    if (!request.hasLinux() || request.hasWindows()) {
      throw CriException.invalid("linux must be given, and windows not");
    }
    NotBuilt.check(request.getLinux());
    Member container = pods.container(request.getContainerId());
    try {
      docker.updateContainer(container.id(), ContainerRequest.resources(request.getLinux()));
    } finally {
      state.wrote(container.id());
    }
    return UpdateContainerResourcesResponse.getDefaultInstance();
  }
}
