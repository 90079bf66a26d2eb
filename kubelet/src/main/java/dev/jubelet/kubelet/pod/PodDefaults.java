package dev.jubelet.kubelet.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EmptyDirVolumeSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Fills in what core/v1 says is meant when a field is left out (upstream:
/// `pkg/apis/core/v1/defaults.go`). Changes the pod it is given.
final class PodDefaults {
  private PodDefaults() {}

  /// @param tree the document the pod was bound from
  static void apply(Pod pod, JsonNode tree) {
    if (pod.getMetadata().getNamespace() == null
        || pod.getMetadata().getNamespace().isEmpty()) {
      pod.getMetadata().setNamespace("default");
    }
    PodSpec spec = pod.getSpec();
    spec(spec);
    for (int i = 0; i < spec.getVolumes().size(); i++) {
      volume(spec.getVolumes().get(i), VolumeValidation.sources(tree, i).isEmpty());
    }
    boolean hostNetwork = Boolean.TRUE.equals(spec.getHostNetwork());
    Stream.concat(spec.getInitContainers().stream(), spec.getContainers().stream())
        .forEach(c -> container(c, hostNetwork));
    if (pod.getStatus() == null) {
      pod.setStatus(new PodStatus());
    }
    pod.getStatus().setPhase("Pending");
  }

  private static void spec(PodSpec spec) {
    if (spec.getRestartPolicy() == null) {
      spec.setRestartPolicy("Always");
    }
    if (spec.getDnsPolicy() == null) {
      spec.setDnsPolicy("ClusterFirst");
    }
    if (spec.getTerminationGracePeriodSeconds() == null) {
      spec.setTerminationGracePeriodSeconds(30L);
    }
    if (spec.getSecurityContext() == null) {
      spec.setSecurityContext(new PodSecurityContext());
    }
    if (spec.getSchedulerName() == null) {
      spec.setSchedulerName("default-scheduler");
    }
    if (spec.getEnableServiceLinks() == null) {
      spec.setEnableServiceLinks(true);
    }
  }

  private static void volume(Volume volume, boolean bare) {
    if (bare) {
      volume.setEmptyDir(new EmptyDirVolumeSource());
    }
    if (volume.getHostPath() != null && volume.getHostPath().getType() == null) {
      volume.getHostPath().setType("");
    }
  }

  private static void container(Container container, boolean hostNetwork) {
    if (container.getImagePullPolicy() == null) {
      container.setImagePullPolicy(latest(container.getImage()) ? "Always" : "IfNotPresent");
    }
    if (container.getTerminationMessagePath() == null) {
      container.setTerminationMessagePath("/dev/termination-log");
    }
    if (container.getTerminationMessagePolicy() == null) {
      container.setTerminationMessagePolicy("File");
    }
    container.getPorts().forEach(p -> port(p, hostNetwork));
    env(container.getEnv());
    resources(container);
  }

  /// No tag and no digest means `:latest`.
  private static boolean latest(String image) {
    if (image == null || image.contains("@")) {
      return false;
    }
    String last = image.substring(image.lastIndexOf('/') + 1);
    return !last.contains(":") || last.endsWith(":latest");
  }

  private static void port(ContainerPort port, boolean hostNetwork) {
    if (port.getProtocol() == null) {
      port.setProtocol("TCP");
    }
    if (hostNetwork && (port.getHostPort() == null || port.getHostPort() == 0)) {
      port.setHostPort(port.getContainerPort());
    }
  }

  private static void env(List<EnvVar> env) {
    for (EnvVar variable : env) {
      if (variable.getValueFrom() != null
          && variable.getValueFrom().getFieldRef() != null
          && variable.getValueFrom().getFieldRef().getApiVersion() == null) {
        variable.getValueFrom().getFieldRef().setApiVersion("v1");
      }
    }
  }

  private static void resources(Container container) {
    if (container.getResources() == null) {
      container.setResources(new ResourceRequirements());
    }
    Map<String, Quantity> limits = container.getResources().getLimits();
    if (limits != null && !limits.isEmpty()) {
      Map<String, Quantity> requests = new HashMap<>(limits);
      if (container.getResources().getRequests() != null) {
        requests.putAll(container.getResources().getRequests());
      }
      container.getResources().setRequests(requests);
    }
  }
}
