package dev.jubelet.kubelet.resource;

import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How a pod's memory and CPU are guaranteed (upstream `qos.ComputePodQOS`). Init containers count.
public enum QosClass {
  GUARANTEED("Guaranteed"),
  BURSTABLE("Burstable"),
  BEST_EFFORT("BestEffort");

  private static final List<String> RESOURCES = List.of("cpu", "memory");

  private final String apiName;

  QosClass(String apiName) {
    this.apiName = apiName;
  }

  /// As the API writes it: Guaranteed, Burstable or BestEffort.
  public String apiName() {
    return apiName;
  }

  public static QosClass of(FrozenPod pod) {
    List<@Nullable ResourceRequirements> all = requirements(pod);
    Map<String, BigDecimal> requests = new HashMap<>();
    Map<String, BigDecimal> limits = new HashMap<>();
    boolean everyLimitSet = true;
    for (ResourceRequirements one : all) {
      if (one != null) {
        add(requests, one.getRequests());
      }
      everyLimitSet &= one != null && add(limits, one.getLimits()) == RESOURCES.size();
    }
    if (requests.isEmpty() && limits.isEmpty()) {
      return BEST_EFFORT;
    }
    return everyLimitSet && sameAmounts(requests, limits) ? GUARANTEED : BURSTABLE;
  }

  private static List<@Nullable ResourceRequirements> requirements(FrozenPod pod) {
    ResourceRequirements ofPod = pod.object().getSpec().getResources();
    if (ofPod != null) {
      return List.of(ofPod);
    }
    return Stream.concat(pod.initContainers().stream(), pod.containers().stream())
        .<@Nullable ResourceRequirements>map(Container::getResources)
        .toList();
  }

  private static int add(Map<String, BigDecimal> sums, @Nullable Map<String, Quantity> amounts) {
    int found = 0;
    for (String resource : RESOURCES) {
      BigDecimal number = Quantities.number(Quantities.entry(amounts, resource));
      if (number.signum() > 0) {
        sums.merge(resource, number, BigDecimal::add);
        found++;
      }
    }
    return found;
  }

  private static boolean sameAmounts(
      Map<String, BigDecimal> requests, Map<String, BigDecimal> limits) {
    return requests.keySet().equals(limits.keySet())
        && requests.entrySet().stream()
            .allMatch(e -> e.getValue().compareTo(limits.get(e.getKey())) == 0);
  }
}
