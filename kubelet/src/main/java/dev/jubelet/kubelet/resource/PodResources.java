package dev.jubelet.kubelet.resource;

import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// What a whole pod asks for, overhead not included: the sum of its regular containers and
/// sidecars, or the largest init container with the sidecars started before it, whichever is more.
///
/// @param cpuLimitMilli 0 when none is set
/// @param memoryLimit bytes; 0 when none is set
public record PodResources(
    long cpuRequestMilli, long cpuLimitMilli, long memoryRequest, long memoryLimit) {

  public static PodResources of(FrozenPod pod) {
    return new PodResources(
        total(pod, c -> Quantities.milli(request(c, "cpu"))),
        total(pod, c -> Quantities.milli(amount(c, ResourceRequirements::getLimits, "cpu"))),
        total(pod, c -> Quantities.value(request(c, "memory"))),
        total(pod, c -> Quantities.value(amount(c, ResourceRequirements::getLimits, "memory"))));
  }

  private static long total(FrozenPod pod, ToLongFunction<Container> amount) {
    long sidecars = 0;
    long largestInit = 0;
    for (Container init : pod.initContainers()) {
      long own = amount.applyAsLong(init);
      if (FrozenPod.isSidecar(init)) {
        sidecars += own;
        largestInit = Math.max(largestInit, sidecars);
      } else {
        largestInit = Math.max(largestInit, sidecars + own);
      }
    }
    long regular = pod.containers().stream().mapToLong(amount).sum();
    return Math.max(largestInit, sidecars + regular);
  }

  private static @Nullable Quantity request(Container container, String resource) {
    Quantity request = amount(container, ResourceRequirements::getRequests, resource);
    return request != null ? request : amount(container, ResourceRequirements::getLimits, resource);
  }

  private static @Nullable Quantity amount(
      Container container,
      Function<ResourceRequirements, @Nullable Map<String, Quantity>> side,
      String resource) {
    ResourceRequirements resources = container.getResources();
    return resources == null ? null : Quantities.entry(side.apply(resources), resource);
  }
}
