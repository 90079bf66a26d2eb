package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.cri.v1.HugepageLimit;
import dev.jubelet.cri.v1.LinuxContainerResources;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.resource.CpuShares;
import dev.jubelet.kubelet.resource.OomScore;
import dev.jubelet.kubelet.resource.Quantities;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Map;
import java.util.TreeMap;

/// Requests and limits in the kernel's terms (upstream `calculateLinuxResources`).
final class LinuxResources {
  private static final String HUGEPAGES = "hugepages-";
  private static final long KIB = 1024;

  private LinuxResources() {}

  static LinuxContainerResources of(FrozenPod pod, Container container, NodeFacts node) {
    ResourceRequirements resources = container.getResources();
    Map<String, Quantity> limits = resources == null ? null : resources.getLimits();
    Map<String, Quantity> requests = resources == null ? null : resources.getRequests();
    Quantity cpuLimit = Quantities.entry(limits, "cpu");
    Quantity cpuRequest = Quantities.entry(requests, "cpu");
    LinuxContainerResources.Builder out = of(
        Quantities.milli(cpuRequest == null ? cpuLimit : cpuRequest),
        Quantities.milli(cpuLimit),
        Quantities.value(Quantities.entry(limits, "memory")),
        node);
    out.setOomScoreAdj(OomScore.of(pod, container, node.memoryCapacity()));
    if (limits != null) {
      new TreeMap<>(limits).forEach((name, amount) -> {
        if (name.startsWith(HUGEPAGES)) {
          out.addHugepageLimits(hugepages(name, amount));
        }
      });
    }
    return out.build();
  }

  static LinuxContainerResources.Builder of(
      long cpuRequestMilli, long cpuLimitMilli, long memoryLimit, NodeFacts node) {
    LinuxContainerResources.Builder out = LinuxContainerResources.newBuilder()
        .setCpuShares(CpuShares.ofMilli(cpuRequestMilli))
        .setMemoryLimitInBytes(memoryLimit);
    if (node.cpuCfsQuota()) {
      out.setCpuPeriod(node.cpuCfsQuotaPeriod().toNanos() / 1000)
          .setCpuQuota(CpuShares.quotaMicros(cpuLimitMilli, node.cpuCfsQuotaPeriod()));
    }
    return out;
  }

  private static HugepageLimit hugepages(String name, Quantity amount) {
    long size = Quantities.value(Quantity.parse(name.substring(HUGEPAGES.length())));
    return HugepageLimit.newBuilder()
        .setPageSize(sizeName(size))
        .setLimit(Quantities.value(amount))
        .build();
  }

  // the cgroup file's spelling: hugetlb.2MB.max
  private static String sizeName(long size) {
    if (size >= KIB * KIB * KIB) {
      return size / (KIB * KIB * KIB) + "GB";
    }
    return size >= KIB * KIB ? size / (KIB * KIB) + "MB" : size / KIB + "KB";
  }
}
