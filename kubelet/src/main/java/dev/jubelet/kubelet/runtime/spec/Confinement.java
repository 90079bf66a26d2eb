package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.cri.v1.SELinuxOption;
import dev.jubelet.cri.v1.SecurityProfile;
import dev.jubelet.cri.v1.SecurityProfile.ProfileType;
import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Seccomp, AppArmor and SELinux of a container, and what of /proc and /sys it may see.
final class Confinement {
  static final List<String> MASKED_PATHS = List.of(
      "/proc/asound",
      "/proc/acpi",
      "/proc/interrupts",
      "/proc/kcore",
      "/proc/keys",
      "/proc/latency_stats",
      "/proc/timer_list",
      "/proc/timer_stats",
      "/proc/sched_debug",
      "/proc/scsi",
      "/sys/firmware",
      "/sys/devices/virtual/powercap");
  static final List<String> READONLY_PATHS =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private static final String APPARMOR_ANNOTATION =
      "container.apparmor.security.beta.kubernetes.io/";
  private static final String LOCALHOST = "localhost/";

  private Confinement() {}

  /// @throws CreateContainerConfigException for a Localhost profile without a usable path
  static SecurityProfile seccomp(FrozenPod pod, Container container, NodeFacts node) {
    SeccompProfile profile = seccompField(pod, container);
    if (profile == null) {
      return profile(
          node.seccompDefault() ? ProfileType.RuntimeDefault : ProfileType.Unconfined, "");
    }
    return switch (String.valueOf(profile.getType())) {
      case "RuntimeDefault" -> profile(ProfileType.RuntimeDefault, "");
      case "Unconfined" -> profile(ProfileType.Unconfined, "");
      case "Localhost" ->
        profile(ProfileType.Localhost, seccompFile(container, profile.getLocalhostProfile(), node));
      default ->
        throw new CreateContainerConfigException("container %s: unknown seccompProfile type %s"
            .formatted(container.getName(), profile.getType()));
    };
  }

  private static @Nullable SeccompProfile seccompField(FrozenPod pod, Container container) {
    SecurityContext own = container.getSecurityContext();
    if (own != null && own.getSeccompProfile() != null) {
      return own.getSeccompProfile();
    }
    PodSecurityContext context = pod.object().getSpec().getSecurityContext();
    return context == null ? null : context.getSeccompProfile();
  }

  // CVE-2023-2431: an empty profile must not mean unconfined
  private static String seccompFile(
      Container container, @Nullable String localhostProfile, NodeFacts node) {
    if (localhostProfile == null || localhostProfile.isEmpty()) {
      throw new CreateContainerConfigException(
          "container %s: localhostProfile must be set if seccompProfile type is Localhost"
              .formatted(container.getName()));
    }
    Path relative = Path.of(localhostProfile);
    Path file = node.seccompRoot().resolve(relative).normalize();
    boolean escapes = relative.isAbsolute() || localhostProfile.contains("..");
    if (escapes || !file.startsWith(node.seccompRoot()) || file.equals(node.seccompRoot())) {
      throw new CreateContainerConfigException(
          "container %s: localhostProfile %s must be a file below %s"
              .formatted(container.getName(), localhostProfile, node.seccompRoot()));
    }
    return file.toString();
  }

  /// Field before annotation, container before pod; empty when nothing is said.
  static Optional<SecurityProfile> apparmor(FrozenPod pod, Container container) {
    SecurityContext own = container.getSecurityContext();
    PodSecurityContext context = pod.object().getSpec().getSecurityContext();
    AppArmorProfile profile = own == null ? null : own.getAppArmorProfile();
    if (profile == null) {
      String annotation = pod.annotations().get(APPARMOR_ANNOTATION + container.getName());
      if (annotation != null) {
        return apparmor(container, annotation);
      }
      profile = context == null ? null : context.getAppArmorProfile();
    }
    return profile == null ? Optional.empty() : apparmor(container, annotationForm(profile));
  }

  private static String annotationForm(AppArmorProfile profile) {
    return switch (String.valueOf(profile.getType())) {
      case "RuntimeDefault" -> "runtime/default";
      case "Unconfined" -> "unconfined";
      case "Localhost" ->
        LOCALHOST + String.valueOf(profile.getLocalhostProfile()).strip();
      default -> String.valueOf(profile.getType());
    };
  }

  private static Optional<SecurityProfile> apparmor(Container container, String form) {
    if (form.equals("runtime/default") || form.isEmpty()) {
      return Optional.of(profile(ProfileType.RuntimeDefault, ""));
    }
    if (form.equals("unconfined")) {
      return Optional.of(profile(ProfileType.Unconfined, ""));
    }
    String name = form.startsWith(LOCALHOST) ? form.substring(LOCALHOST.length()) : "";
    if (name.isEmpty() || name.equals("null")) {
      throw new CreateContainerConfigException(
          "container %s: invalid AppArmor profile %s".formatted(container.getName(), form));
    }
    return Optional.of(profile(ProfileType.Localhost, name));
  }

  /// The string that older runtimes read.
  static String apparmorText(SecurityProfile profile) {
    return switch (profile.getProfileType()) {
      case RuntimeDefault -> "runtime/default";
      case Localhost -> LOCALHOST + profile.getLocalhostRef();
      case Unconfined, UNRECOGNIZED -> "unconfined";
    };
  }

  static Optional<SELinuxOption> selinux(@Nullable SELinuxOptions options) {
    return Optional.ofNullable(options)
        .map(o -> SELinuxOption.newBuilder()
            .setUser(orEmpty(o.getUser()))
            .setRole(orEmpty(o.getRole()))
            .setType(orEmpty(o.getType()))
            .setLevel(orEmpty(o.getLevel()))
            .build());
  }

  private static SecurityProfile profile(ProfileType type, String ref) {
    return SecurityProfile.newBuilder()
        .setProfileType(type)
        .setLocalhostRef(ref)
        .build();
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
