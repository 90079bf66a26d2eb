package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.resource.Quantities;
import dev.jubelet.kubelet.runtime.spec.NodeFacts.Allocatable;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A container's requests and limits as environment values (`resourceFieldRef`). A limit that is
/// not set shows what the node can give.
final class ResourceField {
  private ResourceField() {}

  static String of(
      FrozenPod pod, Container self, ResourceFieldSelector selector, Allocatable node) {
    Container container = container(pod, self, selector.getContainerName());
    String field = selector.getResource();
    BigDecimal divisor = Quantities.number(selector.getDivisor());
    BigDecimal unit = divisor.signum() == 0 ? BigDecimal.ONE : divisor;
    return amount(container, field, node).divide(unit, 0, RoundingMode.CEILING).toPlainString();
  }

  private static BigDecimal amount(Container container, String field, Allocatable node) {
    int dot = field.indexOf('.');
    String side = dot < 0 ? "" : field.substring(0, dot);
    String resource = field.substring(dot + 1);
    if (!known(side, resource)) {
      throw new CreateContainerConfigException(
          "unsupported container resource: \"%s\"".formatted(field));
    }
    Quantity set = set(container, side, resource);
    if (Quantities.number(set).signum() > 0 || side.equals("requests")) {
      return Quantities.number(set);
    }
    return switch (resource) {
      case "cpu" -> BigDecimal.valueOf(node.cpuMilli(), 3);
      case "memory" -> BigDecimal.valueOf(node.memory());
      case "ephemeral-storage" -> BigDecimal.valueOf(node.ephemeralStorage());
      default -> BigDecimal.ZERO;
    };
  }

  private static boolean known(String side, String resource) {
    boolean knownResource = switch (resource) {
      case "cpu", "memory", "ephemeral-storage" -> true;
      default -> resource.startsWith("hugepages-");
    };
    return knownResource && (side.equals("limits") || side.equals("requests"));
  }

  private static @Nullable Quantity set(Container container, String side, String resource) {
    ResourceRequirements resources = container.getResources();
    if (resources == null) {
      return null;
    }
    return Quantities.entry(
        side.equals("limits") ? resources.getLimits() : resources.getRequests(), resource);
  }

  private static Container container(FrozenPod pod, Container self, @Nullable String name) {
    if (name == null || name.isEmpty() || name.equals(self.getName())) {
      return self;
    }
    return Stream.concat(pod.containers().stream(), pod.initContainers().stream())
        .filter(c -> c.getName().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new CreateContainerConfigException("container %s not found".formatted(name)));
  }
}
