package dev.jubelet.dockershim.container;

import dev.jubelet.cri.v1.RemoveContainerResponse;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.gate.CallDeadline;
import dev.jubelet.dockershim.log.ContainerLogs;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import dev.jubelet.dockershim.state.ContainerState;
import java.time.Duration;
import java.util.Optional;

/// `RemoveContainer`: idempotent; a running one is killed, the CRI log file stays (the kubelet
/// removes it).
public final class RemoveContainer {
  private static final Duration OTHER_REMOVAL = Duration.ofSeconds(30);

  private final Pods pods;
  private final DockerApi docker;
  private final ContainerState state;
  private final ContainerLogs logs;

  public RemoveContainer(Pods pods, DockerApi docker, ContainerState state, ContainerLogs logs) {
    this.pods = pods;
    this.docker = docker;
    this.state = state;
    this.logs = logs;
  }

  public RemoveContainerResponse call(String id) throws DockerException, InterruptedException {
    Optional<Member> container = pods.find(id).filter(m -> !m.isSandbox());
    if (container.isPresent()) {
      remove(container.get());
      logs.forget(container.get().id());
    }
    return RemoveContainerResponse.getDefaultInstance();
  }

  /// Removes a container or a sandbox, by force.
  ///
  /// @throws DockerException when it is still there afterwards
  public void remove(Member member) throws DockerException, InterruptedException {
    try {
      docker.removeContainer(member.id(), true);
    } catch (DockerException e) {
      if (!e.isNotFound() && !removedByAnother(member, e)) {
        throw e;
      }
    } finally {
      state.wrote(member.id());
    }
  }

  /// Docker answers 409 while another call removes the same container.
  private boolean removedByAnother(Member member, DockerException e)
      throws DockerException, InterruptedException {
    if (!e.isConflict()) {
      return false;
    }
    state.wrote(member.id());
    Duration left = CallDeadline.left(OTHER_REMOVAL);
    long end = System.nanoTime() + left.toNanos();
    while (state.get(member.id()).isPresent()) {
      if (System.nanoTime() > end) {
        return false;
      }
      Thread.sleep(50);
      state.wrote(member.id());
    }
    return true;
  }
}
