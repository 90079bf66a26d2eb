package dev.jubelet.kubelet.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// core/v1's rules for one container (upstream: `validateContainerCommon` and what it calls).
final class ContainerValidation {
  private static final Set<String> FIELD_PATHS = Set.of(
      "metadata.name",
      "metadata.namespace",
      "metadata.uid",
      "spec.nodeName",
      "spec.serviceAccountName",
      "status.hostIP",
      "status.hostIPs",
      "status.podIP",
      "status.podIPs");
  private static final Pattern KEYED_FIELD =
      Pattern.compile("metadata\\.(labels|annotations)\\['[^']+'\\]");
  private static final Pattern RESOURCE_FIELD =
      Pattern.compile("(limits|requests)\\.(cpu|memory|ephemeral-storage|hugepages-[0-9A-Za-z]+)");
  private static final Pattern RESOURCE =
      Pattern.compile("cpu|memory|ephemeral-storage|hugepages-[0-9]+([KMGTPE]i)?");
  private static final Pattern EXTENDED_RESOURCE =
      Pattern.compile("[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");

  private final FieldErrors errors;
  private final Set<String> volumes;
  private final Set<String> containers;
  private final Set<String> hostPorts = new HashSet<>();

  /// @param containers the names that a `resourceFieldRef` may mean
  ContainerValidation(FieldErrors errors, Set<String> volumes, Set<String> containers) {
    this.errors = errors;
    this.volumes = volumes;
    this.containers = containers;
  }

  void check(Container container, String path, boolean hostNetwork) {
    image(container, path);
    ports(container.getPorts(), path + ".ports", hostNetwork);
    env(container.getEnv(), path + ".env");
    mounts(container, path + ".volumeMounts");
    resources(container, path + ".resources");
    String policy = container.getTerminationMessagePolicy();
    if (!List.of("File", "FallbackToLogsOnError").contains(policy)) {
      errors.unsupported(
          path + ".terminationMessagePolicy", policy, "FallbackToLogsOnError", "File");
    }
  }

  private void image(Container container, String path) {
    String image = container.getImage();
    if (image == null || image.isEmpty()) {
      errors.required(path + ".image", "");
    } else if (!image.strip().equals(image)) {
      errors.invalid(path + ".image", image, "must not have leading or trailing whitespace");
    }
    String policy = container.getImagePullPolicy();
    if (!List.of("Always", "IfNotPresent", "Never").contains(policy)) {
      errors.unsupported(path + ".imagePullPolicy", policy, "Always", "IfNotPresent", "Never");
    }
  }

  private void ports(List<ContainerPort> ports, String at, boolean hostNetwork) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < ports.size(); i++) {
      ContainerPort port = ports.get(i);
      String path = at + "[" + i + "]";
      if (port.getName() != null && !port.getName().isEmpty()) {
        Names.portName(errors, path + ".name", port.getName());
        if (!names.add(port.getName())) {
          errors.duplicate(path + ".name", port.getName());
        }
      }
      if (port.getContainerPort() == null) {
        errors.required(path + ".containerPort", "");
      } else if (port.getContainerPort() < 1 || port.getContainerPort() > 65535) {
        errors.invalid(
            path + ".containerPort", port.getContainerPort(), "must be between 1 and 65535");
      }
      if (!List.of("TCP", "UDP", "SCTP").contains(port.getProtocol())) {
        errors.unsupported(path + ".protocol", port.getProtocol(), "SCTP", "TCP", "UDP");
      }
      hostPort(port, path, hostNetwork);
    }
  }

  private void hostPort(ContainerPort port, String path, boolean hostNetwork) {
    String ip = port.getHostIP();
    if (ip != null && !ip.isEmpty() && !Names.isIp(ip)) {
      errors.invalid(path + ".hostIP", ip, "must be a valid IP address");
    }
    if (port.getHostPort() == null || port.getHostPort() == 0) {
      return;
    }
    if (port.getHostPort() < 1 || port.getHostPort() > 65535) {
      errors.invalid(path + ".hostPort", port.getHostPort(), "must be between 1 and 65535");
    }
    if (hostNetwork && !port.getHostPort().equals(port.getContainerPort())) {
      errors.invalid(
          path + ".hostPort",
          port.getHostPort(),
          "must match `containerPort` when `hostNetwork` is true");
    }
    String key = "%s/%s/%d".formatted(port.getProtocol(), ip == null ? "" : ip, port.getHostPort());
    if (!hostPorts.add(key)) {
      errors.duplicate(path + ".hostPort", key);
    }
  }

  private void env(List<EnvVar> env, String at) {
    for (int i = 0; i < env.size(); i++) {
      EnvVar variable = env.get(i);
      String path = at + "[" + i + "]";
      if (variable.getName() == null || variable.getName().isEmpty()) {
        errors.required(path + ".name", "");
      } else {
        Names.environment(errors, path + ".name", variable.getName());
      }
      if (variable.getValue() != null && variable.getValue().indexOf('\0') >= 0) {
        errors.invalid(path + ".value", variable.getValue(), "must not contain a zero byte");
      }
      if (variable.getValueFrom() != null) {
        valueFrom(variable, variable.getValueFrom(), path + ".valueFrom");
      }
    }
  }

  private void valueFrom(EnvVar variable, EnvVarSource from, String path) {
    if (variable.getValue() != null && !variable.getValue().isEmpty()) {
      errors.invalid(path, "", "may not be specified when `value` is not empty");
    }
    long sources = Stream.of(
            from.getFieldRef(),
            from.getResourceFieldRef(),
            from.getConfigMapKeyRef(),
            from.getSecretKeyRef(),
            from.getFileKeyRef())
        .filter(Objects::nonNull)
        .count();
    if (sources == 0) {
      errors.invalid(path, "", "must specify one of: `fieldRef` or `resourceFieldRef`");
    } else if (sources > 1) {
      errors.invalid(path, "", "may not have more than one field specified at a time");
    }
    if (from.getFieldRef() != null) {
      fieldPath(from.getFieldRef().getFieldPath(), path + ".fieldRef.fieldPath");
      if (!"v1".equals(from.getFieldRef().getApiVersion())) {
        errors.unsupported(path + ".fieldRef.apiVersion", from.getFieldRef().getApiVersion(), "v1");
      }
    }
    if (from.getResourceFieldRef() != null) {
      String resource = from.getResourceFieldRef().getResource();
      if (resource == null || resource.isEmpty()) {
        errors.required(path + ".resourceFieldRef.resource", "");
      } else if (!RESOURCE_FIELD.matcher(resource).matches()) {
        errors.unsupported(
            path + ".resourceFieldRef.resource",
            resource,
            "limits.cpu",
            "limits.ephemeral-storage",
            "limits.memory",
            "requests.cpu",
            "requests.ephemeral-storage",
            "requests.memory");
      }
      String container = from.getResourceFieldRef().getContainerName();
      if (container != null && !container.isEmpty() && !containers.contains(container)) {
        errors.notFound(path + ".resourceFieldRef.containerName", container);
      }
      Quantity divisor = from.getResourceFieldRef().getDivisor();
      if (divisor != null && divisor.getNumericalAmount().signum() < 0) {
        errors.invalid(path + ".resourceFieldRef.divisor", divisor.toString(), "must be 0 or more");
      }
    }
  }

  private void fieldPath(@Nullable String field, String path) {
    if (field == null || field.isEmpty()) {
      errors.required(path, "");
    } else if (!FIELD_PATHS.contains(field) && !KEYED_FIELD.matcher(field).matches()) {
      errors.unsupported(
          path,
          field,
          Stream.concat(
                  Stream.of("metadata.annotations['<KEY>']", "metadata.labels['<KEY>']"),
                  FIELD_PATHS.stream())
              .sorted()
              .toArray(String[]::new));
    }
  }

  private void mounts(Container container, String at) {
    Set<String> targets = new HashSet<>();
    List<VolumeMount> mounts = container.getVolumeMounts();
    for (int i = 0; i < mounts.size(); i++) {
      VolumeMount mount = mounts.get(i);
      String path = at + "[" + i + "]";
      if (mount.getName() == null || mount.getName().isEmpty()) {
        errors.required(path + ".name", "");
      } else if (!volumes.contains(mount.getName())) {
        errors.notFound(path + ".name", mount.getName());
      }
      if (mount.getMountPath() == null || mount.getMountPath().isEmpty()) {
        errors.required(path + ".mountPath", "");
      } else if (!targets.add(mount.getMountPath())) {
        errors.invalid(path + ".mountPath", mount.getMountPath(), "must be unique");
      } else if (mount.getMountPath().indexOf('\0') >= 0) {
        errors.invalid(path + ".mountPath", mount.getMountPath(), "must not contain a zero byte");
      }
      subPath(mount, path);
      propagation(container, mount, path);
    }
  }

  private void subPath(VolumeMount mount, String path) {
    boolean sub = mount.getSubPath() != null && !mount.getSubPath().isEmpty();
    boolean expression =
        mount.getSubPathExpr() != null && !mount.getSubPathExpr().isEmpty();
    if (sub) {
      VolumeValidation.localDescending(errors, path + ".subPath", mount.getSubPath());
    }
    if (expression) {
      VolumeValidation.localDescending(errors, path + ".subPathExpr", mount.getSubPathExpr());
    }
    if (sub && expression) {
      errors.invalid(
          path + ".subPathExpr", mount.getSubPathExpr(), "subPathExpr and subPath are exclusive");
    }
  }

  private void propagation(Container container, VolumeMount mount, String path) {
    String mode = mount.getMountPropagation();
    if (mode == null) {
      return;
    }
    if (!List.of("Bidirectional", "HostToContainer", "None").contains(mode)) {
      errors.unsupported(
          path + ".mountPropagation", mode, "Bidirectional", "HostToContainer", "None");
    }
    boolean privileged = container.getSecurityContext() != null
        && Boolean.TRUE.equals(container.getSecurityContext().getPrivileged());
    if (mode.equals("Bidirectional") && !privileged) {
      errors.forbidden(
          path + ".mountPropagation",
          "Bidirectional mount propagation is available only to privileged containers");
    }
  }

  private void resources(Container container, String path) {
    Map<String, Quantity> limits = container.getResources().getLimits();
    Map<String, Quantity> requests = container.getResources().getRequests();
    quantities(limits, path + ".limits");
    quantities(requests, path + ".requests");
    requests.forEach((name, request) -> {
      Quantity limit = limits.get(name);
      if (limit != null && request.getNumericalAmount().compareTo(limit.getNumericalAmount()) > 0) {
        errors.invalid(
            path + ".requests",
            request.toString(),
            "must be less than or equal to %s limit of %s".formatted(name, limit));
      }
    });
  }

  private void quantities(Map<String, Quantity> quantities, String at) {
    quantities.forEach((name, quantity) -> {
      String path = at + "[" + name + "]";
      if (!RESOURCE.matcher(name).matches() && !EXTENDED_RESOURCE.matcher(name).matches()) {
        errors.invalid(at, name, "must be a standard resource for containers");
      } else if (quantity.getNumericalAmount().signum() < 0) {
        errors.invalid(path, quantity.toString(), "must be greater than or equal to 0");
      }
    });
  }
}
