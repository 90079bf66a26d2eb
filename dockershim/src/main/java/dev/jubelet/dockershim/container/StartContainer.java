package dev.jubelet.dockershim.container;

import dev.jubelet.cri.v1.StartContainerResponse;
import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.gate.CallDeadline;
import dev.jubelet.dockershim.gate.StartGate;
import dev.jubelet.dockershim.gate.StartGate.Rank;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import dev.jubelet.dockershim.pods.Writes;
import dev.jubelet.trace.Traces;
import io.grpc.Status;
import java.util.concurrent.TimeoutException;

/// `StartContainer`: follow log → start container. The log file exists before Docker starts,
/// so that nothing is missed.
public final class StartContainer {
  private final Pods pods;
  private final DockerApi docker;
  private final Writes writes;
  private final StartGate gate;
  private final LogFollowing logs;
  private final Traces traces;

  public StartContainer(
      Pods pods,
      DockerApi docker,
      Writes writes,
      StartGate gate,
      LogFollowing logs,
      Traces traces) {
    this.pods = pods;
    this.docker = docker;
    this.writes = writes;
    this.gate = gate;
    this.logs = logs;
    this.traces = traces;
  }

  public StartContainerResponse call(String id) throws Exception {
    Member container = pods.container(id);
    traces.run("shim", "follow log", () -> logs.follow(container));
    traces.run("shim", "start container", () -> start(container));
    return StartContainerResponse.getDefaultInstance();
  }

  private void start(Member container)
      throws DockerException, InterruptedException, TimeoutException {
    try {
      gate.pass(
          container.name().uid(),
          container.name().attempt() > 0 ? Rank.FIRST : Rank.NORMAL,
          CallDeadline.left(),
          () -> {
            docker.startContainer(container.id());
            return container;
          });
    } catch (DockerException e) {
      writes.failed(container.id());
      throw readable(container, e);
    }
    logs.began(container);
    if (container.inspect().startedAt().isEmpty()) {
      writes.started(container.id());
    } else {
      writes.failed(container.id());
    }
  }

  /// Docker gives the runtime's words only; the commonest one becomes what the kubelet knows.
  private static RuntimeException readable(Member container, DockerException e) {
    String text = String.valueOf(e.getMessage());
    boolean noFile = text.contains("executable file not found");
    return new CriException(
        e.isTimeout() ? Status.Code.DEADLINE_EXCEEDED : Status.Code.UNKNOWN,
        "failed to start container \"%s\": %s"
            .formatted(container.id(), noFile ? "executable not found in $PATH: " + text : text),
        e);
  }
}
