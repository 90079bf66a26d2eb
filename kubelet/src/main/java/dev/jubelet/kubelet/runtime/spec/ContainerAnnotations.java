package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.kubelet.cri.PodLabels;
import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What a container carries so that it can be understood when its pod is gone (upstream
/// `pkg/kubelet/kuberuntime/labels.go`).
final class ContainerAnnotations {
  private static final JsonMapper JSON = JsonMapper.shared();

  private ContainerAnnotations() {}

  static Map<String, String> of(FrozenPod pod, Container container, int restartCount, String hash) {
    Map<String, String> annotations = new TreeMap<>();
    annotations.put(PodLabels.HASH, hash);
    annotations.put(PodLabels.RESTART_COUNT, Integer.toString(restartCount));
    annotations.put(PodLabels.MESSAGE_PATH, orEmpty(container.getTerminationMessagePath()));
    annotations.put(PodLabels.MESSAGE_POLICY, orEmpty(container.getTerminationMessagePolicy()));
    pod.deletionGrace()
        .ifPresent(
            grace -> annotations.put(PodLabels.DELETION_GRACE, Long.toString(grace.toSeconds())));
    annotations.put(
        PodLabels.TERMINATION_GRACE, Long.toString(pod.terminationGrace().toSeconds()));
    List<ContainerPort> ports = container.getPorts();
    if (ports != null && !ports.isEmpty()) {
      annotations.put(PodLabels.PORTS, json(ports));
    }
    return annotations;
  }

  // fields in the order that Go writes them, without the empty ones
  private static String json(List<ContainerPort> ports) {
    ArrayNode array = JSON.createArrayNode();
    for (ContainerPort port : ports) {
      ObjectNode node = array.addObject();
      if (!orEmpty(port.getName()).isEmpty()) {
        node.put("name", port.getName());
      }
      if (port.getHostPort() != null && port.getHostPort() != 0) {
        node.put("hostPort", port.getHostPort());
      }
      node.put("containerPort", port.getContainerPort());
      if (!orEmpty(port.getProtocol()).isEmpty()) {
        node.put("protocol", port.getProtocol());
      }
      if (!orEmpty(port.getHostIP()).isEmpty()) {
        node.put("hostIP", port.getHostIP());
      }
    }
    return array.toString();
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
