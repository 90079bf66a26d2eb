package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.PodSpec;
import org.jspecify.annotations.Nullable;

/// A pod's host name and DNS domain (upstream `GeneratePodHostNameAndDomain`).
///
/// @param domain `<subdomain>.<namespace>.svc.<cluster domain>`, or "" without a subdomain
public record PodHostname(String hostname, String domain) {
  private static final int LABEL_MAX = 63;
  private static final int KERNEL_MAX = 64;

  public static PodHostname of(FrozenPod pod, String clusterDomain) {
    PodSpec spec = pod.object().getSpec();
    if (present(spec.getHostnameOverride())) {
      return new PodHostname(spec.getHostnameOverride(), "");
    }
    String hostname = present(spec.getHostname()) ? spec.getHostname() : truncated(pod.name());
    String domain = present(spec.getSubdomain())
        ? "%s.%s.svc.%s".formatted(spec.getSubdomain(), pod.namespace(), clusterDomain)
        : "";
    return new PodHostname(hostname, domain);
  }

  /// What the kernel is told: the short name, or the full one when `setHostnameAsFQDN` says so.
  ///
  /// @throws SandboxConfigException when the full name is too long for the kernel
  public String forKernel(FrozenPod pod) {
    boolean full = Boolean.TRUE.equals(pod.object().getSpec().getSetHostnameAsFQDN());
    if (!full || domain.isEmpty()) {
      return hostname;
    }
    String name = hostname + "." + domain;
    if (name.length() > KERNEL_MAX) {
      throw new SandboxConfigException(
          "failed to construct FQDN from pod hostname and cluster domain, FQDN %s is too long"
                  .formatted(name)
              + " (%d characters is the max, %d characters requested)"
                  .formatted(KERNEL_MAX, name.length()));
    }
    return name;
  }

  private static String truncated(String podName) {
    String name = podName.length() > LABEL_MAX ? podName.substring(0, LABEL_MAX) : podName;
    int end = name.length();
    while (end > 0 && (name.charAt(end - 1) == '-' || name.charAt(end - 1) == '.')) {
      end--;
    }
    return name.substring(0, end);
  }

  private static boolean present(@Nullable String text) {
    return text != null && !text.isEmpty();
  }
}
