package dev.jubelet.dockershim.pods;

import dev.jubelet.dockershim.docker.DockerApi.ContainerInspect;
import dev.jubelet.dockershim.naming.DockerName;
import dev.jubelet.dockershim.naming.Labels;
import dev.jubelet.dockershim.state.ContainerState.Seen;
import java.time.Instant;
import java.util.Map;

/// A sandbox or a container of a pod, as the engine showed it at `readAt`.
///
/// @param labels the CRI labels
/// @param annotations the CRI annotations
public record Member(
    DockerName name,
    ContainerInspect inspect,
    Instant readAt,
    Map<String, String> labels,
    Map<String, String> annotations) {
  Member(DockerName name, Seen seen) {
    this(
        name,
        seen.inspect(),
        seen.readAt(),
        Labels.labels(seen.inspect().labels()),
        Labels.annotations(seen.inspect().labels()));
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

  /// Whether it has all of these CRI labels.
  public boolean carries(Map<String, String> selector) {
    return labels.entrySet().containsAll(selector.entrySet());
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
