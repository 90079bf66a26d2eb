package dev.jubelet.kubelet.cri;

import dev.jubelet.cri.v1.Container;
import dev.jubelet.cri.v1.ContainerFilter;
import dev.jubelet.cri.v1.PodSandbox;
import dev.jubelet.cri.v1.PodSandboxFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Sandboxes and containers by pod, as two list calls show them: cheap, and enough to see which
/// pods
/// changed.
///
/// @param pods by UID
public record RuntimeListing(Map<String, Pod> pods) {
  public RuntimeListing {
    pods = Map.copyOf(pods);
  }

  /// Of every pod that the runtime knows.
  static RuntimeListing read(RuntimeClient client) throws CriException {
    return group(
        client.listPodSandbox(PodSandboxFilter.getDefaultInstance()),
        client.listContainers(ContainerFilter.getDefaultInstance()));
  }

  /// Of one pod.
  static Pod read(RuntimeClient client, PodId id) throws CriException {
    var sandboxes = client.listPodSandbox(PodSandboxFilter.newBuilder()
        .putLabelSelector(PodLabels.POD_UID, id.uid())
        .build());
    var containers = client.listContainers(ContainerFilter.newBuilder()
        .putLabelSelector(PodLabels.POD_UID, id.uid())
        .build());
    Pod found = group(sandboxes, containers).pods.get(id.uid());
    return found == null ? new Pod(id, List.of(), List.of()) : found;
  }

  private static RuntimeListing group(List<PodSandbox> sandboxes, List<Container> containers) {
    Map<String, Pod> pods = new HashMap<>();
    for (PodSandbox sandbox : sandboxes) {
      var metadata = sandbox.getMetadata();
      var id = new PodId(metadata.getUid(), metadata.getName(), metadata.getNamespace());
      pods.computeIfAbsent(id.uid(), _ -> Pod.of(id)).sandboxes.add(sandbox);
    }
    for (Container container : containers) {
      Map<String, String> labels = container.getLabelsMap();
      String uid = labels.get(PodLabels.POD_UID);
      if (uid != null) {
        var id = new PodId(
            uid,
            labels.getOrDefault(PodLabels.POD_NAME, ""),
            labels.getOrDefault(PodLabels.POD_NAMESPACE, ""));
        pods.computeIfAbsent(uid, _ -> Pod.of(id)).containers.add(container);
      }
    }
    return new RuntimeListing(pods);
  }

  /// One pod's objects.
  public record Pod(PodId id, List<PodSandbox> sandboxes, List<Container> containers) {
    private static Pod of(PodId id) {
      return new Pod(id, new ArrayList<>(), new ArrayList<>());
    }

    /// Id and state of each object: two listings with equal ones show the same pod.
    public Map<String, String> states() {
      Map<String, String> states = new HashMap<>();
      sandboxes.forEach(s -> states.put(s.getId(), s.getState().name()));
      containers.forEach(c -> states.put(c.getId(), c.getState().name()));
      return states;
    }

    boolean isEmpty() {
      return sandboxes.isEmpty() && containers.isEmpty();
    }
  }

  /// Whether both show the same objects of a pod in the same states.
  public static boolean same(RuntimeListing a, RuntimeListing b, String uid) {
    return Objects.equals(a.states(uid), b.states(uid));
  }

  private Map<String, String> states(String uid) {
    Pod pod = pods.get(uid);
    return pod == null ? Map.of() : pod.states();
  }
}
