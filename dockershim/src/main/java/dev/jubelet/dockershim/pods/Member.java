package dev.jubelet.dockershim.pods;

import dev.jubelet.dockershim.docker.DockerApi.ContainerInspect;
import dev.jubelet.dockershim.naming.DockerName;
import dev.jubelet.dockershim.naming.Labels;
import dev.jubelet.dockershim.state.ContainerState.Seen;
import java.time.Instant;
import java.util.Map;

/// A sandbox or a container of a pod, as the engine showed it at `readAt`.
public record Member(DockerName name, ContainerInspect inspect, Instant readAt) {
  Member(DockerName name, Seen seen) {
    this(name, seen.inspect(), seen.readAt());
  }

  public String id() {
    return inspect.id();
  }

  public boolean isSandbox() {
    return name.isSandbox();
  }

  /// The sandbox that it belongs to; its own id for a sandbox.
  public String sandboxId() {
    return isSandbox() ? id() : inspect.labels().getOrDefault(Labels.SANDBOX_ID, "");
  }

  /// The CRI labels.
  public Map<String, String> labels() {
    return Labels.labels(inspect.labels());
  }

  /// The CRI annotations.
  public Map<String, String> annotations() {
    return Labels.annotations(inspect.labels());
  }

  public boolean onHostNetwork() {
    return inspect.networkMode().equals("host");
  }

  /// `web (pod default/hello)`, for messages.
  public String described() {
    return (isSandbox() ? "sandbox" : "container " + name.container()) + " of pod "
        + name.namespace() + "/" + name.pod();
  }
}
