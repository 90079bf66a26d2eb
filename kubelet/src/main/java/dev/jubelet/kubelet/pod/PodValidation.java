package dev.jubelet.kubelet.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HostAlias;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodDNSConfig;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// core/v1's rules for a pod after defaulting, in upstream's words
/// (`pkg/apis/core/validation/validation.go`). Probes, hooks and other fields that are not built
/// are
/// refused by [NotBuilt] before their shape matters.
final class PodValidation {
  private static final int MOST_ANNOTATION_BYTES = 256 * 1024;

  private final FieldErrors errors;

  PodValidation(FieldErrors errors) {
    this.errors = errors;
  }

  /// @param tree the document the pod was bound from
  void check(Pod pod, JsonNode tree) {
    metadata(pod.getMetadata());
    PodSpec spec = pod.getSpec();
    Set<String> volumes = VolumeValidation.check(errors, spec.getVolumes(), tree);
    containers(spec, volumes);
    new SecurityValidation(errors).pod(spec);
    policies(spec);
    hostAliases(spec.getHostAliases());
    dns(spec);
  }

  private void metadata(ObjectMeta metadata) {
    if (metadata.getName() == null || metadata.getName().isEmpty()) {
      errors.required("metadata.name", "name is required");
    } else {
      Names.subdomain(errors, "metadata.name", metadata.getName());
    }
    Names.label(errors, "metadata.namespace", metadata.getNamespace());
    if (metadata.getUid() != null && !metadata.getUid().isEmpty()) {
      Names.uid(errors, "metadata.uid", metadata.getUid());
    }
    if (metadata.getLabels() != null) {
      metadata.getLabels().forEach((key, value) -> {
        Names.qualified(errors, "metadata.labels", key);
        Names.labelValue(errors, "metadata.labels[" + key + "]", value);
      });
    }
    annotations(metadata.getAnnotations());
  }

  private void annotations(@Nullable Map<String, String> annotations) {
    if (annotations == null) {
      return;
    }
    long size = 0;
    for (Map.Entry<String, String> entry : annotations.entrySet()) {
      Names.qualified(errors, "metadata.annotations", entry.getKey());
      size += entry.getKey().length();
      size += entry.getValue().getBytes(StandardCharsets.UTF_8).length;
    }
    if (size > MOST_ANNOTATION_BYTES) {
      errors.tooLong("metadata.annotations", MOST_ANNOTATION_BYTES);
    }
  }

  private void containers(PodSpec spec, Set<String> volumes) {
    if (spec.getContainers().isEmpty()) {
      errors.required("spec.containers", "must have at least one container");
    }
    Set<String> names = new HashSet<>();
    names(spec.getContainers(), "spec.containers", names);
    names(spec.getInitContainers(), "spec.initContainers", names);
    each(spec.getContainers(), "spec.containers", spec, volumes, names);
    each(spec.getInitContainers(), "spec.initContainers", spec, volumes, names);
    for (int i = 0; i < spec.getInitContainers().size(); i++) {
      String policy = spec.getInitContainers().get(i).getRestartPolicy();
      oneOf("spec.initContainers[" + i + "].restartPolicy", policy, "Always", "Never", "OnFailure");
    }
  }

  private void names(List<Container> containers, String at, Set<String> names) {
    for (int i = 0; i < containers.size(); i++) {
      String path = at + "[" + i + "].name";
      String name = containers.get(i).getName();
      if (name == null || name.isEmpty()) {
        errors.required(path, "");
        continue;
      }
      Names.label(errors, path, name);
      if (!names.add(name)) {
        errors.duplicate(path, name);
      }
    }
  }

  /// Host ports may not repeat among regular containers, nor among init containers.
  private void each(
      List<Container> containers, String at, PodSpec spec, Set<String> volumes, Set<String> names) {
    ContainerValidation rules = new ContainerValidation(errors, volumes, names);
    SecurityValidation security = new SecurityValidation(errors);
    for (int i = 0; i < containers.size(); i++) {
      String path = at + "[" + i + "]";
      rules.check(containers.get(i), path, Boolean.TRUE.equals(spec.getHostNetwork()));
      security.container(containers.get(i), path);
    }
  }

  private void policies(PodSpec spec) {
    oneOf("spec.restartPolicy", spec.getRestartPolicy(), "Always", "Never", "OnFailure");
    if (spec.getTerminationGracePeriodSeconds() < 0) {
      errors.invalid(
          "spec.terminationGracePeriodSeconds",
          spec.getTerminationGracePeriodSeconds(),
          "must be greater than or equal to 0");
    }
    Long deadline = spec.getActiveDeadlineSeconds();
    if (deadline != null && (deadline < 1 || deadline > Integer.MAX_VALUE)) {
      errors.invalid(
          "spec.activeDeadlineSeconds", deadline, "must be between 1 and 2147483647, inclusive");
    }
    if (spec.getHostname() != null && !spec.getHostname().isEmpty()) {
      Names.label(errors, "spec.hostname", spec.getHostname());
    }
    if (spec.getSubdomain() != null && !spec.getSubdomain().isEmpty()) {
      Names.label(errors, "spec.subdomain", spec.getSubdomain());
    }
    if (spec.getOs() != null) {
      oneOf("spec.os.name", spec.getOs().getName(), "linux");
    }
    for (int i = 0; i < spec.getTolerations().size(); i++) {
      String path = "spec.tolerations[" + i + "]";
      oneOf(path + ".operator", spec.getTolerations().get(i).getOperator(), "Equal", "Exists");
      oneOf(
          path + ".effect",
          spec.getTolerations().get(i).getEffect(),
          "",
          "NoExecute",
          "NoSchedule",
          "PreferNoSchedule");
    }
  }

  private void hostAliases(List<HostAlias> aliases) {
    for (int i = 0; i < aliases.size(); i++) {
      String path = "spec.hostAliases[" + i + "]";
      String ip = aliases.get(i).getIp();
      if (ip == null || ip.isEmpty()) {
        errors.required(path + ".ip", "");
      } else if (!Names.isIp(ip)) {
        errors.invalid(path + ".ip", ip, "must be a valid IP address");
      }
      List<String> names = aliases.get(i).getHostnames();
      for (int j = 0; j < names.size(); j++) {
        Names.subdomain(errors, path + ".hostnames[" + j + "]", names.get(j));
      }
    }
  }

  private void dns(PodSpec spec) {
    oneOf(
        "spec.dnsPolicy",
        spec.getDnsPolicy(),
        "ClusterFirst",
        "ClusterFirstWithHostNet",
        "Default",
        "None");
    PodDNSConfig config = spec.getDnsConfig();
    boolean none = "None".equals(spec.getDnsPolicy());
    if (none && (config == null || config.getNameservers().isEmpty())) {
      errors.required(
          "spec.dnsConfig.nameservers",
          "must provide at least one DNS nameserver when `dnsPolicy` is None");
    }
    if (config == null) {
      return;
    }
    if (config.getNameservers().size() > 3) {
      errors.invalid(
          "spec.dnsConfig.nameservers",
          config.getNameservers().size(),
          "must not have more than 3 nameservers");
    }
    for (int i = 0; i < config.getNameservers().size(); i++) {
      if (!Names.isIp(config.getNameservers().get(i))) {
        errors.invalid(
            "spec.dnsConfig.nameservers[" + i + "]",
            config.getNameservers().get(i),
            "must be a valid IP address");
      }
    }
    searches(config.getSearches());
    for (int i = 0; i < config.getOptions().size(); i++) {
      String name = config.getOptions().get(i).getName();
      if (name == null || name.isEmpty()) {
        errors.required("spec.dnsConfig.options[" + i + "].name", "must not be empty");
      }
    }
  }

  private void searches(List<String> searches) {
    if (searches.size() > 32) {
      errors.invalid(
          "spec.dnsConfig.searches", searches.size(), "must not have more than 32 search paths");
    }
    if (String.join(" ", searches).length() > 2048) {
      errors.invalid(
          "spec.dnsConfig.searches",
          searches.size(),
          "must not have more than 2048 characters (including spaces) in the search list");
    }
    for (int i = 0; i < searches.size(); i++) {
      String search = searches.get(i);
      boolean root = search.equals(".");
      String name = search.endsWith(".") ? search.substring(0, search.length() - 1) : search;
      if (!root) {
        Names.subdomain(errors, "spec.dnsConfig.searches[" + i + "]", name.replace("_", "-"));
      }
    }
  }

  private void oneOf(String path, @Nullable String value, String... supported) {
    if (value != null && !List.of(supported).contains(value)) {
      errors.unsupported(path, value, supported);
    }
  }
}
