package dev.jubelet.cni;

import java.util.List;

/// The versions of the CNI specification that this library speaks.
final class CniVersion {
  /// Oldest first.
  static final List<String> SUPPORTED =
      List.of("0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0");

  static final String LATEST = SUPPORTED.getLast();

  private CniVersion() {}

  static boolean supported(String version) {
    return SUPPORTED.contains(version);
  }

  /// Both must be supported ones.
  static boolean atLeast(String version, String minimum) {
    return SUPPORTED.indexOf(version) >= SUPPORTED.indexOf(minimum);
  }
}
