package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A container's environment in spec order (upstream `makeEnvironmentVariables`). Pure.
///
/// Without an API server there are no services, so there are no service variables.
public final class ContainerEnv {
  private ContainerEnv() {}

  /// @param podIps of the sandbox; for host-network pods the node's
  /// @throws CreateContainerConfigException naming the variable that cannot be resolved
  public static Map<String, String> of(
      FrozenPod pod, Container container, List<String> podIps, NodeFacts node) {
    if (container.getEnvFrom() != null && !container.getEnvFrom().isEmpty()) {
      throw new CreateContainerConfigException(
          "container %s: envFrom is not built yet, use env with values"
              .formatted(container.getName()));
    }
    Map<String, String> env = new LinkedHashMap<>();
    for (EnvVar variable : orEmpty(container.getEnv())) {
      env.put(variable.getName(), value(pod, container, podIps, node, variable, env));
    }
    return Collections.unmodifiableMap(env);
  }

  /// Expands a volume mount's subPathExpr; a variable that is not set is an error.
  public static UnaryOperator<String> subPathExpansion(Map<String, String> env) {
    return text -> Expansion.strict(text, env);
  }

  private static String value(
      FrozenPod pod,
      Container container,
      List<String> podIps,
      NodeFacts node,
      EnvVar variable,
      Map<String, String> before) {
    String literal = variable.getValue();
    if (literal != null && !literal.isEmpty()) {
      return Expansion.lenient(literal, before);
    }
    EnvVarSource source = variable.getValueFrom();
    if (source == null) {
      return "";
    }
    if (source.getFieldRef() != null) {
      return DownwardField.of(pod, podIps, node, source.getFieldRef().getFieldPath());
    }
    if (source.getResourceFieldRef() != null) {
      return ResourceField.of(pod, container, source.getResourceFieldRef(), node.allocatable());
    }
    throw new CreateContainerConfigException(
        "container %s: env %s: valueFrom takes fieldRef or resourceFieldRef, others are not built yet"
            .formatted(container.getName(), variable.getName()));
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
