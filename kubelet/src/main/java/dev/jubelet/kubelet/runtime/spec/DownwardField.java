package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.kubelet.pod.FrozenPod;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The pod's own fields as environment values (`fieldRef`).
final class DownwardField {
  private static final Pattern KEYED =
      Pattern.compile("metadata\\.(labels|annotations)\\['([^']*)']");

  private DownwardField() {}

  static String of(FrozenPod pod, List<String> podIps, NodeFacts node, String path) {
    Matcher keyed = KEYED.matcher(path);
    if (keyed.matches()) {
      Map<String, String> map = keyed.group(1).equals("labels") ? pod.labels() : pod.annotations();
      return map.getOrDefault(keyed.group(2), "");
    }
    return switch (path) {
      case "metadata.name" -> pod.name();
      case "metadata.namespace" -> pod.namespace();
      case "metadata.uid" -> pod.uid();
      case "spec.nodeName" -> node.nodeName();
      case "spec.serviceAccountName" -> orEmpty(pod.object().getSpec().getServiceAccountName());
      case "status.hostIP" -> node.hostIps().stream().findFirst().orElse("");
      case "status.hostIPs" -> String.join(",", node.hostIps());
      case "status.podIP" -> podIps.stream().findFirst().orElse("");
      case "status.podIPs" -> String.join(",", podIps);
      default ->
        throw new CreateContainerConfigException("unsupported fieldPath: \"%s\"".formatted(path));
    };
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
