package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.cri.v1.LinuxContainerResources;
import dev.jubelet.cri.v1.LinuxPodSandboxConfig;
import dev.jubelet.cri.v1.LinuxSandboxSecurityContext;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.PodSandboxMetadata;
import dev.jubelet.cri.v1.PortMapping;
import dev.jubelet.cri.v1.Protocol;
import dev.jubelet.cri.v1.SecurityProfile;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.resource.PodResources;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The sandbox of a pod in CRI's terms (upstream `generatePodSandboxConfig`). Pure.
public final class SandboxSpec {
  private SandboxSpec() {}

  /// @param attempt counts this pod's sandboxes from 0
  /// @throws SandboxConfigException naming what cannot be translated
  public static PodSandboxConfig of(FrozenPod pod, int attempt, NodeFacts node) {
    PodSandboxConfig.Builder config = PodSandboxConfig.newBuilder()
        .setMetadata(PodSandboxMetadata.newBuilder()
            .setName(pod.name())
            .setNamespace(pod.namespace())
            .setUid(pod.uid())
            .setAttempt(attempt))
        .setLogDirectory(logDirectory(pod, node))
        .setDnsConfig(PodDns.of(pod, node.dns()).toCri())
        .addAllPortMappings(portMappings(pod))
        .putAllLabels(IdentityLabels.ofSandbox(pod))
        .putAllAnnotations(pod.annotations())
        .setLinux(linux(pod, node));
    if (!pod.hostNetwork()) {
      config.setHostname(PodHostname.of(pod, node.dns().clusterDomain()).forKernel(pod));
    }
    return config.build();
  }

  private static String logDirectory(FrozenPod pod, NodeFacts node) {
    String name = "%s_%s_%s".formatted(pod.namespace(), pod.name(), pod.uid());
    return node.podLogsDir().resolve(name).toString();
  }

  private static List<PortMapping> portMappings(FrozenPod pod) {
    return Stream.concat(
            pod.containers().stream(), pod.initContainers().stream().filter(FrozenPod::isSidecar))
        .map(Container::getPorts)
        .filter(ports -> ports != null)
        .flatMap(List::stream)
        .map(SandboxSpec::portMapping)
        .toList();
  }

  private static PortMapping portMapping(ContainerPort port) {
    return PortMapping.newBuilder()
        .setProtocol(protocol(port.getProtocol()))
        .setContainerPort(orZero(port.getContainerPort()))
        .setHostPort(orZero(port.getHostPort()))
        .setHostIp(port.getHostIP() == null ? "" : port.getHostIP())
        .build();
  }

  /// The default is TCP; validation let no others through.
  private static Protocol protocol(@Nullable String name) {
    return switch (name) {
      case "UDP" -> Protocol.UDP;
      case "SCTP" -> Protocol.SCTP;
      case null, default -> Protocol.TCP;
    };
  }

  private static int orZero(@Nullable Integer number) {
    return number == null ? 0 : number;
  }

  private static LinuxPodSandboxConfig linux(FrozenPod pod, NodeFacts node) {
    return LinuxPodSandboxConfig.newBuilder()
        .setCgroupParent(node.cgroupParent())
        .setSecurityContext(security(pod))
        .putAllSysctls(Sysctls.of(pod, node.allowedUnsafeSysctls()))
        .setResources(resources(pod, node))
        .build();
  }

  private static LinuxContainerResources resources(FrozenPod pod, NodeFacts node) {
    PodResources sum = PodResources.of(pod);
    return LinuxResources.of(sum.cpuRequestMilli(), sum.cpuLimitMilli(), sum.memoryLimit(), node)
        .build();
  }

  // the sandbox's own process always runs under the runtime's default seccomp profile
  private static LinuxSandboxSecurityContext security(FrozenPod pod) {
    LinuxSandboxSecurityContext.Builder out = LinuxSandboxSecurityContext.newBuilder()
        .setPrivileged(anyPrivileged(pod))
        .setNamespaceOptions(Namespaces.of(pod))
        .addAllSupplementalGroups(Identity.supplementalGroups(pod))
        .setSupplementalGroupsPolicy(Identity.groupsPolicy(pod))
        .setSeccomp(SecurityProfile.newBuilder()
            .setProfileType(SecurityProfile.ProfileType.RuntimeDefault));
    PodSecurityContext context = pod.object().getSpec().getSecurityContext();
    if (context != null) {
      Identity.int64(context.getRunAsUser()).ifPresent(out::setRunAsUser);
      Identity.int64(context.getRunAsGroup()).ifPresent(out::setRunAsGroup);
      Confinement.selinux(context.getSeLinuxOptions()).ifPresent(out::setSelinuxOptions);
    }
    return out.build();
  }

  private static boolean anyPrivileged(FrozenPod pod) {
    List<Container> all = new ArrayList<>(pod.initContainers());
    all.addAll(pod.containers());
    return all.stream()
        .map(Container::getSecurityContext)
        .anyMatch(c -> c != null && Boolean.TRUE.equals(c.getPrivileged()));
  }
}
