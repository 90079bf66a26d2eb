package dev.jubelet.dockershim.naming;

/// The cgroup parent as Docker wants it: the slice's name alone with the systemd driver, the path
/// as given with cgroupfs.
public final class CgroupParent {
  private CgroupParent() {}

  /// @throws IllegalArgumentException when the text could become another setting of the engine
  public static String of(String cgroupParent, String driver) {
    if (cgroupParent.chars().anyMatch(c -> c < ' ') || cgroupParent.contains("..")) {
      throw new IllegalArgumentException(
          "linux.cgroup_parent must be a path without control characters and '..'");
    }
    return driver.equals("systemd")
        ? cgroupParent.substring(cgroupParent.lastIndexOf('/') + 1)
        : cgroupParent;
  }
}
