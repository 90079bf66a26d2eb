package dev.jubelet.kubelet.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Names every field of a pod that nothing here carries out yet, so that none is ignored in
/// silence. The list below says what *is* carried out; whatever else the model knows is refused,
/// fields of later model versions too. A path covers everything under it.
final class NotBuilt {
  private static final String REMOVE = "remove it to run this pod here";

  /// Fields that only a scheduler or an API server reads are listed too: a kubelet passes over
  /// them.
  private static final String BUILT_FOR_PODS = """
      apiVersion kind metadata status
      spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution
      spec.affinity.podAffinity spec.affinity.podAntiAffinity
      spec.automountServiceAccountToken spec.dnsConfig spec.dnsPolicy spec.enableServiceLinks
      spec.hostAliases spec.hostIPC spec.hostNetwork spec.hostPID spec.hostUsers spec.hostname
      spec.nodeName spec.nodeSelector spec.os spec.preemptionPolicy spec.priority
      spec.priorityClassName spec.restartPolicy spec.schedulerName spec.securityContext.appArmorProfile
      spec.securityContext.fsGroup spec.securityContext.fsGroupChangePolicy
      spec.securityContext.runAsGroup spec.securityContext.runAsNonRoot
      spec.securityContext.runAsUser spec.securityContext.seLinuxOptions
      spec.securityContext.seccompProfile spec.securityContext.supplementalGroups
      spec.securityContext.supplementalGroupsPolicy spec.securityContext.sysctls
      spec.setHostnameAsFQDN spec.shareProcessNamespace spec.subdomain
      spec.terminationGracePeriodSeconds spec.tolerations spec.topologySpreadConstraints
      spec.volumes[].name spec.volumes[].emptyDir.medium spec.volumes[].emptyDir.sizeLimit
      spec.volumes[].hostPath.path spec.volumes[].hostPath.type
      """;

  private static final String BUILT_FOR_CONTAINERS = """
      name image command args workingDir ports env[].name env[].value env[].valueFrom.fieldRef
      env[].valueFrom.resourceFieldRef imagePullPolicy resizePolicy resources.limits
      resources.requests restartPolicy securityContext.allowPrivilegeEscalation
      securityContext.appArmorProfile securityContext.capabilities securityContext.privileged
      securityContext.procMount securityContext.readOnlyRootFilesystem securityContext.runAsGroup
      securityContext.runAsNonRoot securityContext.runAsUser securityContext.seLinuxOptions
      securityContext.seccompProfile stdin stdinOnce tty terminationMessagePath
      terminationMessagePolicy volumeMounts[].mountPath volumeMounts[].mountPropagation
      volumeMounts[].name volumeMounts[].readOnly volumeMounts[].recursiveReadOnly
      volumeMounts[].subPath volumeMounts[].subPathExpr
      """;

  private static final Set<String> BUILT = new HashSet<>();
  private static final Set<String> ON_THE_WAY = new HashSet<>();

  static {
    built("", BUILT_FOR_PODS);
    built("spec.containers[].", BUILT_FOR_CONTAINERS);
    built("spec.initContainers[].", BUILT_FOR_CONTAINERS);
  }

  private static final Map<String, String> NODE_LABELS =
      Map.of("kubernetes.io/os", "linux", "kubernetes.io/arch", "amd64");

  private final FieldErrors errors;

  NotBuilt(FieldErrors errors) {
    this.errors = errors;
  }

  /// @param tree the document the pod was bound from
  void check(Pod pod, JsonNode tree) {
    walk(tree, "", "");
    PodSpec spec = pod.getSpec();
    if (Boolean.FALSE.equals(spec.getHostUsers())) {
      errors.notBuilt("spec.hostUsers", "user namespaces: " + REMOVE);
    }
    nodeSelector(spec.getNodeSelector());
    if (spec.getSecurityContext() != null
        && "Strict".equals(spec.getSecurityContext().getSupplementalGroupsPolicy())) {
      errors.notBuilt("spec.securityContext.supplementalGroupsPolicy", "use Merge");
    }
    volumes(spec.getVolumes());
    containers(spec.getContainers(), "spec.containers", false);
    containers(spec.getInitContainers(), "spec.initContainers", true);
  }

  private static void built(String prefix, String paths) {
    for (String path : paths.strip().split("\\s+")) {
      String full = prefix + path;
      BUILT.add(full);
      for (int dot = full.indexOf('.'); dot > 0; dot = full.indexOf('.', dot + 1)) {
        ON_THE_WAY.add(full.substring(0, dot));
      }
    }
  }

  /// @param pattern the path with `[]` for every index
  private void walk(JsonNode node, String path, String pattern) {
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        walk(node.get(i), path + "[" + i + "]", pattern + "[]");
      }
      return;
    }
    node.properties().forEach(e -> {
      String child = pattern.isEmpty() ? e.getKey() : pattern + "." + e.getKey();
      String shown = path.isEmpty() ? e.getKey() : path + "." + e.getKey();
      String entry = e.getValue().isArray() ? child + "[]" : child;
      if (!BUILT.contains(child)) {
        if (ON_THE_WAY.contains(entry)) {
          walk(e.getValue(), shown, child);
        } else {
          errors.notBuilt(shown, REMOVE);
        }
      }
    });
  }

  private void nodeSelector(Map<String, String> selector) {
    selector.forEach((label, value) -> {
      if (!value.equals(NODE_LABELS.get(label))) {
        errors.notBuilt(
            "spec.nodeSelector[" + label + "]", "node labels are not compared: " + REMOVE);
      }
    });
  }

  private void volumes(List<Volume> volumes) {
    for (int i = 0; i < volumes.size(); i++) {
      if (volumes.get(i).getEmptyDir() == null) {
        continue;
      }
      String path = "spec.volumes[" + i + "].emptyDir";
      String medium = volumes.get(i).getEmptyDir().getMedium();
      if (medium != null && medium.startsWith("HugePages")) {
        errors.notBuilt(path + ".medium", "use Memory or leave it out");
      } else if (volumes.get(i).getEmptyDir().getSizeLimit() != null && !"Memory".equals(medium)) {
        errors.notBuilt(
            path + ".sizeLimit", "only medium Memory is limited: set it or remove the limit");
      }
    }
  }

  private void containers(List<Container> containers, String at, boolean init) {
    for (int i = 0; i < containers.size(); i++) {
      Container container = containers.get(i);
      String path = at + "[" + i + "]";
      String policy = container.getRestartPolicy();
      if (policy != null && !(init && policy.equals("Always"))) {
        errors.notBuilt(
            path + ".restartPolicy",
            init ? "only Always, which makes a sidecar" : "set spec.restartPolicy instead");
      }
      if (container.getSecurityContext() != null
          && "Unmasked".equals(container.getSecurityContext().getProcMount())) {
        errors.notBuilt(path + ".securityContext.procMount", "use Default");
      }
      mounts(container.getVolumeMounts(), path + ".volumeMounts");
      resources(container.getResources().getLimits(), path + ".resources.limits", false);
      resources(container.getResources().getRequests(), path + ".resources.requests", true);
    }
  }

  private void mounts(List<VolumeMount> mounts, String at) {
    for (int i = 0; i < mounts.size(); i++) {
      String mode = mounts.get(i).getRecursiveReadOnly();
      if (mode != null && !mode.equals("Disabled")) {
        errors.notBuilt(at + "[" + i + "].recursiveReadOnly", "use Disabled");
      }
    }
  }

  /// Requests of ephemeral storage only guide a scheduler; limits would need eviction.
  private void resources(Map<String, Quantity> quantities, String at, boolean requests) {
    for (String name : quantities.keySet()) {
      boolean built = name.equals("cpu") || name.equals("memory");
      if (!built && !(requests && name.equals("ephemeral-storage"))) {
        errors.notBuilt(at + "[" + name + "]", "only cpu and memory are: " + REMOVE);
      }
    }
  }
}
