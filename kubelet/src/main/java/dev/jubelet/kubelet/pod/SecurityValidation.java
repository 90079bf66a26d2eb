package dev.jubelet.kubelet.pod;

import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Sysctl;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// core/v1's rules for the security contexts of a pod and its containers.
final class SecurityValidation {
  private static final String ID_RANGE = "must be between 0 and 2147483647, inclusive";

  private final FieldErrors errors;

  SecurityValidation(FieldErrors errors) {
    this.errors = errors;
  }

  void pod(PodSpec spec) {
    PodSecurityContext context = spec.getSecurityContext();
    if (context == null) {
      return;
    }
    String path = "spec.securityContext";
    id(path + ".runAsUser", context.getRunAsUser());
    id(path + ".runAsGroup", context.getRunAsGroup());
    id(path + ".fsGroup", context.getFsGroup());
    List<Long> groups = context.getSupplementalGroups();
    for (int i = 0; groups != null && i < groups.size(); i++) {
      id(path + ".supplementalGroups[" + i + "]", groups.get(i));
    }
    oneOf(
        path + ".fsGroupChangePolicy",
        context.getFsGroupChangePolicy(),
        "Always",
        "OnRootMismatch");
    oneOf(
        path + ".supplementalGroupsPolicy",
        context.getSupplementalGroupsPolicy(),
        "Merge",
        "Strict");
    seccomp(path + ".seccompProfile", context.getSeccompProfile());
    appArmor(path + ".appArmorProfile", context.getAppArmorProfile());
    sysctls(path + ".sysctls", context.getSysctls(), spec);
    if (Boolean.TRUE.equals(spec.getShareProcessNamespace())
        && Boolean.TRUE.equals(spec.getHostPID())) {
      errors.invalid(
          "spec.shareProcessNamespace",
          true,
          "ShareProcessNamespace and HostPID cannot both be enabled");
    }
  }

  void container(Container container, String at) {
    SecurityContext context = container.getSecurityContext();
    if (context == null) {
      return;
    }
    String path = at + ".securityContext";
    id(path + ".runAsUser", context.getRunAsUser());
    id(path + ".runAsGroup", context.getRunAsGroup());
    oneOf(path + ".procMount", context.getProcMount(), "Default", "Unmasked");
    seccomp(path + ".seccompProfile", context.getSeccompProfile());
    appArmor(path + ".appArmorProfile", context.getAppArmorProfile());
    if (Boolean.FALSE.equals(context.getAllowPrivilegeEscalation())) {
      if (Boolean.TRUE.equals(context.getPrivileged())) {
        errors.invalid(
            path, "", "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
      }
      if (context.getCapabilities() != null
          && context.getCapabilities().getAdd().contains("CAP_SYS_ADMIN")) {
        errors.invalid(
            path,
            "",
            "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
      }
    }
  }

  private void id(String path, @Nullable Long id) {
    if (id != null && (id < 0 || id > Integer.MAX_VALUE)) {
      errors.invalid(path, id, ID_RANGE);
    }
  }

  private void oneOf(String path, @Nullable String value, String... supported) {
    if (value != null && !List.of(supported).contains(value)) {
      errors.unsupported(path, value, supported);
    }
  }

  private void seccomp(String path, @Nullable SeccompProfile profile) {
    if (profile != null) {
      profile(path, profile.getType(), profile.getLocalhostProfile(), true);
    }
  }

  private void appArmor(String path, @Nullable AppArmorProfile profile) {
    if (profile != null) {
      profile(path, profile.getType(), profile.getLocalhostProfile(), false);
    }
  }

  private void profile(
      String path, @Nullable String type, @Nullable String localhost, boolean isFile) {
    if (type == null || type.isEmpty()) {
      errors.required(path + ".type", "type is required when a profile is set");
      return;
    }
    oneOf(path + ".type", type, "Localhost", "RuntimeDefault", "Unconfined");
    String field = path + ".localhostProfile";
    if (type.equals("Localhost")) {
      if (localhost == null || localhost.isBlank()) {
        errors.required(field, "must be set when type is Localhost");
      } else if (isFile) {
        VolumeValidation.localDescending(errors, field, localhost);
      }
    } else if (localhost != null) {
      errors.invalid(field, localhost, "can only be set when type is Localhost");
    }
  }

  private void sysctls(String path, @Nullable List<Sysctl> sysctls, PodSpec spec) {
    Set<String> names = new HashSet<>();
    for (int i = 0; sysctls != null && i < sysctls.size(); i++) {
      String name = sysctls.get(i).getName();
      String at = path + "[" + i + "].name";
      if (name == null || name.isEmpty()) {
        errors.required(at, "");
      } else if (!Names.isSysctl(name)) {
        errors.invalid(
            at,
            name,
            "must have at most 253 characters and match segments of lower case letters, digits,"
                + " '-' and '_', separated by '.' or '/'");
      } else {
        hostNamespace(at, name.replace('/', '.'), spec);
        if (!names.add(name.replace('/', '.'))) {
          errors.duplicate(at, name);
        }
      }
      String value = sysctls.get(i).getValue();
      if (value == null) {
        errors.required(path + "[" + i + "].value", "");
      } else if (value.chars().anyMatch(c -> c < ' ' && c != '\t')) {
        errors.invalid(path + "[" + i + "].value", value, "must be one line");
      }
    }
  }

  private void hostNamespace(String path, String name, PodSpec spec) {
    if (name.startsWith("net.") && Boolean.TRUE.equals(spec.getHostNetwork())) {
      errors.invalid(path, name, "may not be specified when 'hostNetwork' is set to true");
    }
    boolean ipc = name.startsWith("kernel.shm")
        || name.startsWith("kernel.msg")
        || name.equals("kernel.sem")
        || name.startsWith("fs.mqueue.");
    if (ipc && Boolean.TRUE.equals(spec.getHostIPC())) {
      errors.invalid(path, name, "may not be specified when 'hostIPC' is set to true");
    }
  }
}
