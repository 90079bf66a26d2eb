package dev.jubelet.dockershim.security;

import java.util.Map;
import java.util.regex.Pattern;

/// The sysctls of a pod, refused here when they would reach the host.
public final class Sysctls {
  private static final Pattern NAME =
      Pattern.compile("([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?");

  private Sysctls() {}

  /// @return the sysctls with dots between their parts
  /// @throws IllegalArgumentException naming the sysctl
  public static Map<String, String> checked(
      Map<String, String> sysctls, boolean hostNetwork, boolean hostIpc) {
    sysctls.forEach((name, value) -> check(name, value, hostNetwork, hostIpc));
    return Map.copyOf(sysctls);
  }

  private static void check(String name, String value, boolean hostNetwork, boolean hostIpc) {
    if (name.length() > 253 || !NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("linux.sysctls: \"" + name + "\" is no sysctl's name");
    }
    if (value.chars().anyMatch(c -> c < ' ' && c != '\t')) {
      throw new IllegalArgumentException(
          "linux.sysctls: the value of " + name + " has a control character");
    }
    String dotted = name.replace('/', '.');
    if (hostNetwork && dotted.startsWith("net.")) {
      throw new IllegalArgumentException(
          "linux.sysctls: " + name + " is not allowed with the host's network");
    }
    if (hostIpc && ipc(dotted)) {
      throw new IllegalArgumentException(
          "linux.sysctls: " + name + " is not allowed with the host's IPC namespace");
    }
  }

  private static boolean ipc(String name) {
    return name.startsWith("kernel.shm")
        || name.startsWith("kernel.msg")
        || name.equals("kernel.sem")
        || name.startsWith("fs.mqueue.");
  }
}
