package dev.jubelet.dockershim.container;

import dev.jubelet.cri.v1.StopContainerResponse;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import dev.jubelet.dockershim.state.ContainerState;
import java.time.Duration;
import java.util.Optional;

/// `StopContainer`: idempotent; a container that is gone is stopped. Never waits for its log.
public final class StopContainer {
  private final Pods pods;
  private final DockerApi docker;
  private final ContainerState state;

  public StopContainer(Pods pods, DockerApi docker, ContainerState state) {
    this.pods = pods;
    this.docker = docker;
    this.state = state;
  }

  public StopContainerResponse call(String id, long timeoutSeconds) throws DockerException {
    Optional<Member> container = pods.find(id).filter(m -> !m.isSandbox());
    if (container.isPresent()) {
      stop(container.get(), Duration.ofSeconds(Math.max(0, timeoutSeconds)));
    }
    return StopContainerResponse.getDefaultInstance();
  }

  /// Stops a container or a sandbox that runs.
  public void stop(Member member, Duration grace) throws DockerException {
    if (!member.inspect().running()) {
      return;
    }
    try {
      docker.stopContainer(member.id(), grace);
    } catch (DockerException e) {
      if (!e.isNotFound()) {
        throw e;
      }
    } finally {
      state.wrote(member.id());
    }
  }
}
