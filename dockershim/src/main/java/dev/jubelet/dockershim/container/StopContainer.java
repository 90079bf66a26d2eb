package dev.jubelet.dockershim.container;

import dev.jubelet.cri.v1.StopContainerResponse;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import dev.jubelet.dockershim.pods.Writes;
import dev.jubelet.trace.Traces;
import java.time.Duration;
import java.util.Optional;

/// `StopContainer`: one step, stop container. Idempotent; a container that is gone is stopped.
/// Never waits for its log.
public final class StopContainer {
  private final Pods pods;
  private final DockerApi docker;
  private final Writes writes;
  private final Traces traces;

  public StopContainer(Pods pods, DockerApi docker, Writes writes, Traces traces) {
    this.pods = pods;
    this.docker = docker;
    this.writes = writes;
    this.traces = traces;
  }

  public StopContainerResponse call(String id, long timeoutSeconds) throws Exception {
    Optional<Member> container = pods.find(id).filter(m -> !m.isSandbox());
    if (container.isPresent()) {
      Duration grace = Duration.ofSeconds(Math.max(0, timeoutSeconds));
      traces.run("shim", "stop container", () -> stop(container.get(), grace));
    }
    return StopContainerResponse.getDefaultInstance();
  }

  /// Stops a container or a sandbox that runs.
  public void stop(Member member, Duration grace) throws DockerException, InterruptedException {
    if (!member.inspect().running()) {
      return;
    }
    try {
      docker.stopContainer(member.id(), grace);
      writes.stopped(member.id());
    } catch (DockerException e) {
      writes.failed(member.id());
      if (!e.isNotFound()) {
        throw e;
      }
    }
  }
}
