package dev.jubelet.dockershim.container;

import dev.jubelet.cri.v1.RemoveContainerResponse;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.gate.CallDeadline;
import dev.jubelet.dockershim.log.ContainerLogs;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import dev.jubelet.dockershim.pods.Writes;
import dev.jubelet.trace.Traces;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/// `RemoveContainer`: remove container → forget log. Idempotent; a running one is killed, the
/// CRI log file stays (the kubelet removes it).
public final class RemoveContainer {
  private static final Duration OTHER_REMOVAL = Duration.ofSeconds(30);
  private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

  private final Pods pods;
  private final DockerApi docker;
  private final Writes writes;
  private final ContainerLogs logs;
  private final Traces traces;

  public RemoveContainer(
      Pods pods, DockerApi docker, Writes writes, ContainerLogs logs, Traces traces) {
    this.pods = pods;
    this.docker = docker;
    this.writes = writes;
    this.logs = logs;
    this.traces = traces;
  }

  public RemoveContainerResponse call(String given) throws Exception {
    Optional<Member> found = pods.find(given);
    if (found.filter(Member::isSandbox).isPresent()) {
      return RemoveContainerResponse.getDefaultInstance();
    }
    if (found.isPresent()) {
      traces.run("shim", "remove container", () -> remove(found.get()));
    }
    // Also when it is gone already: an earlier call may have ended between the two steps.
    String id = found.map(Member::id).orElse(given);
    if (ID.matcher(id).matches()) {
      traces.run("shim", "forget log", () -> logs.forget(id));
    }
    return RemoveContainerResponse.getDefaultInstance();
  }

  /// Removes a container or a sandbox, by force.
  ///
  /// @throws DockerException when it is still there afterwards
  public void remove(Member member) throws DockerException, InterruptedException {
    try {
      docker.removeContainer(member.id(), true);
      writes.removed(member.id());
    } catch (DockerException e) {
      writes.failed(member.id());
      if (!e.isNotFound() && !removedByAnother(member, e)) {
        throw e;
      }
    }
  }

  /// Docker answers 409 while another call removes the same container.
  private boolean removedByAnother(Member member, DockerException e)
      throws DockerException, InterruptedException {
    if (!e.isConflict()) {
      return false;
    }
    Duration left = CallDeadline.left(OTHER_REMOVAL);
    long end = System.nanoTime() + left.toNanos();
    while (pods.find(member.id()).isPresent()) {
      if (System.nanoTime() > end) {
        return false;
      }
      Thread.sleep(50);
      writes.failed(member.id());
    }
    return true;
  }
}
