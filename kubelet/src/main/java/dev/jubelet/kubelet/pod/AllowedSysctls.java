package dev.jubelet.kubelet.pod;

import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Sysctl;
import java.util.List;
import java.util.Set;

/// Which sysctls a pod may set: upstream's safe list, and those that the node's operator allows
/// with `allowedUnsafeSysctls` (names or prefixes that end in `*`). Others would reach beyond the
/// pod.
public final class AllowedSysctls {
  private static final Set<String> SAFE = Set.of(
      "kernel.shm_rmid_forced",
      "net.ipv4.ip_local_port_range",
      "net.ipv4.tcp_syncookies",
      "net.ipv4.ping_group_range",
      "net.ipv4.ip_unprivileged_port_start",
      "net.ipv4.ip_local_reserved_ports",
      "net.ipv4.tcp_keepalive_time",
      "net.ipv4.tcp_fin_timeout",
      "net.ipv4.tcp_keepalive_intvl",
      "net.ipv4.tcp_keepalive_probes",
      "net.ipv4.tcp_rmem",
      "net.ipv4.tcp_wmem");
  private static final List<String> NAMESPACED =
      List.of("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.", "net.");

  private final List<String> allowed;

  /// @param allowed besides the safe ones
  public AllowedSysctls(List<String> allowed) {
    this.allowed = allowed.stream().map(AllowedSysctls::dotted).toList();
  }

  void check(FieldErrors errors, PodSpec spec) {
    if (spec.getSecurityContext() == null || spec.getSecurityContext().getSysctls() == null) {
      return;
    }
    List<Sysctl> sysctls = spec.getSecurityContext().getSysctls();
    for (int i = 0; i < sysctls.size(); i++) {
      String name = sysctls.get(i).getName();
      if (name != null && Names.isSysctl(name) && !allows(dotted(name))) {
        errors.forbidden(
            "spec.securityContext.sysctls[" + i + "].name",
            "sysctl \"%s\" is not on the safe list: remove it or add it to allowedUnsafeSysctls"
                .formatted(name));
      }
    }
  }

  /// @param name in dotted form
  public boolean allows(String name) {
    return SAFE.contains(name)
        || (NAMESPACED.stream().anyMatch(name::startsWith)
            && allowed.stream().anyMatch(pattern -> matches(pattern, name)));
  }

  /// sysctl(8): where a slash comes first, slashes separate and dots belong to the names.
  public static String dotted(String name) {
    int slash = name.indexOf('/');
    int dot = name.indexOf('.');
    if (slash < 0 || (dot >= 0 && dot < slash)) {
      return name;
    }
    StringBuilder swapped = new StringBuilder(name);
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      swapped.setCharAt(i, c == '/' ? '.' : c == '.' ? '/' : c);
    }
    return swapped.toString();
  }

  private static boolean matches(String pattern, String name) {
    return pattern.endsWith("*")
        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
        : name.equals(pattern);
  }
}
