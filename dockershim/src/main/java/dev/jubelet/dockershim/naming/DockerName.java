package dev.jubelet.dockershim.naming;

import java.util.Optional;

/// The name of a Kubernetes container in Docker,
/// `k8s_<container>_<pod>_<namespace>_<uid>_<attempt>`
/// with the container `POD` for a sandbox: dockershim's and cri-dockerd's, so that containers
/// change hands without a restart. A seventh part is a random suffix that follows a stale name.
public record DockerName(
    String container, String pod, String namespace, String uid, int attempt, String suffix) {
  private static final String PREFIX = "k8s";
  private static final String SANDBOX = "POD";

  public static DockerName sandbox(String pod, String namespace, String uid, int attempt) {
    return new DockerName(SANDBOX, pod, namespace, uid, attempt, "");
  }

  public static DockerName container(
      String container, String pod, String namespace, String uid, int attempt) {
    return new DockerName(container, pod, namespace, uid, attempt, "");
  }

  /// Empty when the text is not the name of a Kubernetes container.
  public static Optional<DockerName> parse(String name) {
    String[] parts = (name.startsWith("/") ? name.substring(1) : name).split("_", -1);
    if (parts.length < 6 || parts.length > 7 || !parts[0].equals(PREFIX)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new DockerName(
          parts[1],
          parts[2],
          parts[3],
          parts[4],
          Integer.parseUnsignedInt(parts[5]),
          parts.length == 7 ? parts[6] : ""));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  public boolean isSandbox() {
    return container.equals(SANDBOX);
  }

  /// The same name with a suffix, for when Docker holds on to a name that nobody has.
  public DockerName withSuffix(String random) {
    return new DockerName(container, pod, namespace, uid, attempt, random);
  }

  /// A part that Docker would refuse, or that would not be read back; empty when all are good.
  public Optional<String> problem() {
    return problem("metadata.name", pod)
        .or(() -> problem("metadata.namespace", namespace))
        .or(() -> problem("metadata.uid", uid))
        .or(() -> problem("container metadata.name", container));
  }

  private static Optional<String> problem(String field, String value) {
    return value.matches("[a-zA-Z0-9.-]+")
        ? Optional.empty()
        : Optional.of(field + " \"" + value + "\" must be letters, digits, '-' and '.'");
  }

  @Override
  public String toString() {
    String name =
        String.join("_", PREFIX, container, pod, namespace, uid, Integer.toUnsignedString(attempt));
    return suffix.isEmpty() ? name : name + "_" + suffix;
  }
}
