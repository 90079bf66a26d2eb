package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.kubelet.pod.AllowedSysctls;
import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Sysctl;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// A pod's sysctls: only those of its own namespaces, and only safe ones unless the node allows
/// more (`allowedUnsafeSysctls`).
public final class Sysctls {
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
    declared(pod).forEach(s -> map.put(AllowedSysctls.dotted(s.getName()), s.getValue()));
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
    String dotted = AllowedSysctls.dotted(name);
    if (!new AllowedSysctls(allowedUnsafe).allows(dotted)) {
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

  private static List<Sysctl> declared(FrozenPod pod) {
    PodSecurityContext context = pod.object().getSpec().getSecurityContext();
    return context == null || context.getSysctls() == null ? List.of() : context.getSysctls();
  }
}
