package dev.jubelet.dockershim.naming;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Which containers this shim shows, changes and removes: its own, and when it adopts, those that
/// dockershim, cri-dockerd or another root of ours made and whose name is exactly what their labels
/// say. Labels alone prove nothing, since an image can bring them; a name it cannot.
///
/// @param owner the id of this shim's root directory
public record Ownership(String owner, boolean adopt) {

  /// Whether the shim itself made this container: it has our label, and the name that we gave it.
  public boolean made(String name, Map<String, String> labels) {
    return owner.equals(labels.get(Labels.OWNER))
        && DockerName.parse(name).filter(n -> given(n, labels)).isPresent();
  }

  private static boolean given(DockerName name, Map<String, String> labels) {
    return name.withSuffix("").toString().equals(labels.get(Labels.NAME));
  }

  /// The container's place among the pods; empty when it is not ours to touch.
  ///
  /// @param sandboxes the name and labels of the sandbox with an id, if there is one
  public Optional<DockerName> believe(
      String name, Map<String, String> labels, Function<String, Optional<Named>> sandboxes) {
    Optional<DockerName> parsed = DockerName.parse(name).filter(n -> typeFits(n, labels));
    if (parsed.isEmpty() || made(name, labels)) {
      return parsed;
    }
    return adopt ? parsed.filter(n -> adoptable(n, labels, sandboxes)) : Optional.empty();
  }

  private boolean adoptable(
      DockerName name, Map<String, String> labels, Function<String, Optional<Named>> sandboxes) {
    boolean committed = labels.containsKey(Labels.NAME) && !given(name, labels);
    if (committed || !labelsFit(name, labels)) {
      return false;
    }
    if (name.isSandbox()) {
      return true;
    }
    return sandboxes
        .apply(labels.getOrDefault(Labels.SANDBOX_ID, ""))
        .filter(s -> believe(s.name(), s.labels(), id -> Optional.empty()).isPresent())
        .flatMap(s -> DockerName.parse(s.name()))
        .filter(s -> s.isSandbox() && s.uid().equals(name.uid()))
        .isPresent();
  }

  private static boolean typeFits(DockerName name, Map<String, String> labels) {
    String type = name.isSandbox() ? Labels.TYPE_SANDBOX : Labels.TYPE_CONTAINER;
    return type.equals(labels.get(Labels.TYPE));
  }

  private static boolean labelsFit(DockerName name, Map<String, String> labels) {
    return name.container().equals(labels.get(Labels.CONTAINER_NAME))
        && name.pod().equals(labels.get(Labels.POD_NAME))
        && name.namespace().equals(labels.get(Labels.POD_NAMESPACE))
        && name.uid().equals(labels.get(Labels.POD_UID))
        && Integer.toUnsignedString(name.attempt())
            .equals(labels.getOrDefault(
                Labels.RESTART_COUNT, Integer.toUnsignedString(name.attempt())));
  }

  /// A container by its Docker name and labels.
  public record Named(String name, Map<String, String> labels) {}
}
