package dev.jubelet.kubelet.resource;

import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ResourceRequirements;

/// oom_score_adj of a container (upstream `qos.GetContainerOOMScoreAdjust`).
public final class OomScore {
  public static final int GUARANTEED = -997;
  public static final int BEST_EFFORT = 1000;

  private static final int LOWEST_BURSTABLE = 3;
  private static final int CRITICAL_PRIORITY = 2_000_000_000;

  private OomScore() {}

  /// @param nodeMemory the node's memory in bytes
  public static int of(FrozenPod pod, Container container, long nodeMemory) {
    if (nodeCritical(pod)) {
      return GUARANTEED;
    }
    return switch (QosClass.of(pod)) {
      case GUARANTEED -> GUARANTEED;
      case BEST_EFFORT -> BEST_EFFORT;
      case BURSTABLE -> burstable(pod, container, nodeMemory);
    };
  }

  private static int burstable(FrozenPod pod, Container container, long nodeMemory) {
    long score = score(memoryRequest(container), nodeMemory);
    if (FrozenPod.isSidecar(container) && pod.initContainers().contains(container)) {
      long smallest =
          pod.containers().stream().mapToLong(OomScore::memoryRequest).min().orElse(0);
      score = Math.min(score, score(smallest, nodeMemory));
    }
    return Math.clamp(score, LOWEST_BURSTABLE, BEST_EFFORT - 1);
  }

  private static long score(long request, long nodeMemory) {
    return nodeMemory <= 0 ? BEST_EFFORT : 1000 - 1000 * Math.min(request, nodeMemory) / nodeMemory;
  }

  private static long memoryRequest(Container container) {
    ResourceRequirements resources = container.getResources();
    return resources == null
        ? 0
        : Quantities.value(Quantities.entry(resources.getRequests(), "memory"));
  }

  private static boolean nodeCritical(FrozenPod pod) {
    Integer priority = pod.object().getSpec().getPriority();
    boolean critical = pod.isStatic() || (priority != null && priority >= CRITICAL_PRIORITY);
    return critical && "system-node-critical".equals(pod.object().getSpec().getPriorityClassName());
  }
}
