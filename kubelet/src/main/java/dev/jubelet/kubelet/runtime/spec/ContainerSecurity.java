package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.cri.v1.Capability;
import dev.jubelet.cri.v1.LinuxContainerSecurityContext;
import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The security context of a container, merged from pod, container and image (upstream
/// `determineEffectiveSecurityContext`).
final class ContainerSecurity {
  private ContainerSecurity() {}

  static LinuxContainerSecurityContext of(
      FrozenPod pod, Container container, ContainerFacts facts, NodeFacts node) {
    LinuxContainerSecurityContext.Builder out = LinuxContainerSecurityContext.newBuilder()
        .setNamespaceOptions(Namespaces.of(pod))
        .addAllSupplementalGroups(Identity.supplementalGroups(pod))
        .setSupplementalGroupsPolicy(Identity.groupsPolicy(pod))
        .setSeccomp(Confinement.seccomp(pod, container, node));
    identity(out, Identity.of(pod, container, facts));
    apparmor(out, pod, container);
    PodSecurityContext ofPod = pod.object().getSpec().getSecurityContext();
    SecurityContext own = container.getSecurityContext();
    if (own != null && own.getSeLinuxOptions() != null) {
      Confinement.selinux(own.getSeLinuxOptions()).ifPresent(out::setSelinuxOptions);
    } else if (ofPod != null) {
      Confinement.selinux(ofPod.getSeLinuxOptions()).ifPresent(out::setSelinuxOptions);
    }
    if (own == null || !"Unmasked".equals(own.getProcMount())) {
      out.addAllMaskedPaths(Confinement.MASKED_PATHS)
          .addAllReadonlyPaths(Confinement.READONLY_PATHS);
    }
    if (own != null) {
      own(out, own);
    }
    return out.build();
  }

  private static void own(LinuxContainerSecurityContext.Builder out, SecurityContext own) {
    out.setPrivileged(Boolean.TRUE.equals(own.getPrivileged()))
        .setReadonlyRootfs(Boolean.TRUE.equals(own.getReadOnlyRootFilesystem()))
        .setNoNewPrivs(Boolean.FALSE.equals(own.getAllowPrivilegeEscalation()));
    Capabilities capabilities = own.getCapabilities();
    if (capabilities != null) {
      out.setCapabilities(Capability.newBuilder()
          .addAllAddCapabilities(orEmpty(capabilities.getAdd()))
          .addAllDropCapabilities(orEmpty(capabilities.getDrop())));
    }
  }

  private static void identity(LinuxContainerSecurityContext.Builder out, Identity identity) {
    identity.user().ifPresent(out::setRunAsUser);
    identity.group().ifPresent(out::setRunAsGroup);
    out.setRunAsUsername(identity.userName());
  }

  // both forms: runtimes before 1.24 read only the string
  @SuppressWarnings("deprecation")
  private static void apparmor(
      LinuxContainerSecurityContext.Builder out, FrozenPod pod, Container container) {
    Confinement.apparmor(pod, container)
        .ifPresent(profile ->
            out.setApparmor(profile).setApparmorProfile(Confinement.apparmorText(profile)));
  }

  private static List<String> orEmpty(@Nullable List<String> list) {
    return list == null ? List.of() : list;
  }
}
