package dev.jubelet.dockershim.network;

import dev.jubelet.cni.CniResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;

/// The host's interfaces that a pod's packets come through: the bridge of a CNI result, or the
/// host's end of the pair that the ptp plugin makes. What other networks make (`cali…`, `lxc…`)
/// they let through themselves.
record HostLinks(Set<String> names, boolean ipv4, boolean ipv6) {
  private static final Path SYSFS = Path.of("/sys/class/net");

  /// What iptables takes literally; a trailing `+` would match a whole family of names.
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.@][A-Za-z0-9_.@:\\-]{0,14}");

  HostLinks {
    names = Set.copyOf(names);
  }

  static HostLinks of(CniResult result) {
    return of(result, SYSFS);
  }

  static HostLinks of(CniResult result, Path sysfs) {
    Set<String> names = new LinkedHashSet<>();
    for (CniResult.Interface one : result.interfaces()) {
      boolean onHost = one.sandbox().isEmpty() && PLAIN.matcher(one.name()).matches();
      if (onHost && routes(sysfs.resolve(one.name()), one.name())) {
        names.add(one.name());
      }
    }
    return new HostLinks(
        names,
        result.ips().stream().anyMatch(ip -> !ip.isIpv6()),
        result.ips().stream().anyMatch(CniResult.Ip::isIpv6));
  }

  /// A port of a bridge never routes itself.
  private static boolean routes(Path link, String name) {
    boolean pair =
        name.startsWith("veth") && Files.exists(link) && !Files.exists(link.resolve("master"));
    return pair || Files.exists(link.resolve("bridge"));
  }
}
