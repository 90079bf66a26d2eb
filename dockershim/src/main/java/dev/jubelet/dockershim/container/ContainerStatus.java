package dev.jubelet.dockershim.container;

import dev.jubelet.cri.v1.ContainerState;
import dev.jubelet.cri.v1.ContainerStatusResponse;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// `ContainerStatus`, from the event-fed state. An exited container is shown when its log is
/// complete (for 2 s at most it is held back).
public final class ContainerStatus {
  private static final JsonMapper JSON = new JsonMapper();

  private final Pods pods;
  private final LogFollowing logs;

  public ContainerStatus(Pods pods, LogFollowing logs) {
    this.pods = pods;
    this.logs = logs;
  }

  public ContainerStatusResponse call(String id, boolean verbose)
      throws DockerException, InterruptedException {
    Member container = pods.container(id);
    dev.jubelet.cri.v1.ContainerStatus.Builder status = ContainerView.status(container).toBuilder();
    if (status.getState() == ContainerState.CONTAINER_EXITED) {
      logs.awaitEnd(container);
    } else if (container.inspect().running()) {
      ContainerUserView.of(container.inspect().pid()).ifPresent(status::setUser);
    }
    ContainerStatusResponse.Builder answer =
        ContainerStatusResponse.newBuilder().setStatus(status);
    if (verbose) {
      answer.putInfo("info", JSON.writeValueAsString(info(container)));
    }
    return answer.build();
  }

  private Map<String, Object> info(Member container) {
    Map<String, Object> info = new LinkedHashMap<>();
    info.put("sandboxID", container.sandboxId());
    info.put("pid", container.inspect().pid());
    info.put("dockerName", container.name().toString());
    info.put("adopted", !pods.made(container));
    info.put("log", logs.way(container));
    return info;
  }
}
