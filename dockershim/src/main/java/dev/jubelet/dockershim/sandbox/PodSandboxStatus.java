package dev.jubelet.dockershim.sandbox;

import dev.jubelet.cri.v1.PodSandboxStatusResponse;
import dev.jubelet.dockershim.container.ContainerView;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// `PodSandboxStatus`, with the statuses of the pod's containers, each as the engine tells it
/// now; no Docker call when nothing changed.
public final class PodSandboxStatus {
  private static final JsonMapper JSON = new JsonMapper();

  private final Pods pods;
  private final SandboxNetworks networks;

  public PodSandboxStatus(Pods pods, SandboxNetworks networks) {
    this.pods = pods;
    this.networks = networks;
  }

  public PodSandboxStatusResponse call(String id, boolean verbose) throws DockerException {
    Member sandbox = pods.sandbox(id);
    PodSandboxStatusResponse.Builder answer = PodSandboxStatusResponse.newBuilder()
        .setStatus(SandboxView.status(sandbox, networks.ips(sandbox)))
        .setTimestamp(ContainerView.nanos(sandbox.readAt()));
    pods.containersOf(sandbox.id())
        .forEach(c -> answer.addContainersStatuses(ContainerView.status(c)));
    if (verbose) {
      answer.putInfo("info", JSON.writeValueAsString(info(sandbox)));
    }
    return answer.build();
  }

  private Map<String, Object> info(Member sandbox) {
    Map<String, Object> info = new LinkedHashMap<>();
    info.put("pid", sandbox.inspect().pid());
    info.put("image", sandbox.inspect().image());
    info.put("dockerName", sandbox.name().toString());
    info.put("networkMode", sandbox.inspect().networkMode());
    info.put("cgroupParent", sandbox.inspect().cgroupParent());
    info.put("adopted", !pods.made(sandbox));
    return info;
  }
}
