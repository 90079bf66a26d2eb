package dev.jubelet.dockershim.container;

import dev.jubelet.cri.v1.ReopenContainerLogResponse;
import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.gate.CallDeadline;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;

/// `ReopenContainerLog`: answers after the switch to the new file.
public final class ReopenContainerLog {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final Pods pods;
  private final LogFollowing following;

  public ReopenContainerLog(Pods pods, LogFollowing following) {
    this.pods = pods;
    this.following = following;
  }

  public ReopenContainerLogResponse call(String id)
      throws DockerException, IOException, InterruptedException {
    Member container = pods.container(id);
    if (!container.inspect().running()) {
      throw new CriException(
          Status.Code.FAILED_PRECONDITION, "container \"" + id + "\" is not running");
    }
    following.reopen(container, CallDeadline.left(DEADLINE));
    return ReopenContainerLogResponse.getDefaultInstance();
  }
}
