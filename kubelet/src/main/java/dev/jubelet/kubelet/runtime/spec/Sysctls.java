package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Sysctl;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// A pod's sysctls: only those of its own namespaces, and only safe ones unless the node allows
/// more (`allowedUnsafeSysctls`).
public final class Sysctls {
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
  private static final String SEGMENT = "[a-zA-Z0-9]([-_a-zA-Z0-9]*[a-zA-Z0-9])?";
  private static final Pattern NAME = Pattern.compile("(%s[./])*%s".formatted(SEGMENT, SEGMENT));
  private static final int NAME_MAX = 253;

  private Sysctls() {}

  /// Empty when all may be set; else the reasons, for an admission refusal `SysctlForbidden`.
  ///
  /// @param allowedUnsafe names, or prefixes ending with `*`
  public static List<String> problems(FrozenPod pod, List<String> allowedUnsafe) {
    List<String> problems = new ArrayList<>();
    for (Sysctl sysctl : declared(pod)) {
      String problem = problem(pod, sysctl, allowedUnsafe);
      if (!problem.isEmpty()) {
        problems.add("forbidden sysctl: \"%s\" %s".formatted(sysctl.getName(), problem));
      }
    }
    return problems;
  }

  /// Names in dotted form.
  ///
  /// @throws SandboxConfigException when one may not be set
  static Map<String, String> of(FrozenPod pod, List<String> allowedUnsafe) {
    List<String> problems = problems(pod, allowedUnsafe);
    if (!problems.isEmpty()) {
      throw new SandboxConfigException(String.join("; ", problems));
    }
    Map<String, String> map = new LinkedHashMap<>();
    declared(pod).forEach(s -> map.put(dotted(s.getName()), s.getValue()));
    return map;
  }

  private static String problem(FrozenPod pod, Sysctl sysctl, List<String> allowedUnsafe) {
    String name = sysctl.getName();
    if (name == null || name.length() > NAME_MAX || !NAME.matcher(name).matches()) {
      return "is not a sysctl name";
    }
    String value = sysctl.getValue();
    if (value == null || value.chars().anyMatch(c -> c < ' ' && c != '\t')) {
      return "has a value with control characters";
    }
    String dotted = dotted(name);
    boolean allowed =
        SAFE.contains(dotted) || allowedUnsafe.stream().anyMatch(a -> matches(dotted, dotted(a)));
    if (!allowed) {
      return "not allowlisted";
    }
    return namespaceProblem(pod, dotted);
  }

  private static String namespaceProblem(FrozenPod pod, String name) {
    if (name.startsWith("net.")) {
      return pod.hostNetwork() ? "not allowed with host net enabled" : "";
    }
    boolean ipc = name.startsWith("kernel.shm")
        || name.startsWith("kernel.msg")
        || name.equals("kernel.sem")
        || name.startsWith("fs.mqueue.");
    if (!ipc) {
      return "is not namespaced";
    }
    return Boolean.TRUE.equals(pod.object().getSpec().getHostIPC())
        ? "not allowed with host ipc enabled"
        : "";
  }

  private static boolean matches(String name, String pattern) {
    return pattern.endsWith("*")
        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
        : name.equals(pattern);
  }

  // sysctl(8): where a slash comes first, slashes separate and dots belong to the names
  private static String dotted(String name) {
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

  private static List<Sysctl> declared(FrozenPod pod) {
    PodSecurityContext context = pod.object().getSpec().getSecurityContext();
    return context == null || context.getSysctls() == null ? List.of() : context.getSysctls();
  }
}
