package dev.jubelet.dockershim.network;

import dev.jubelet.cni.CniResult;
import dev.jubelet.cni.NetworkConf;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The host's interfaces that a pod's packets come through: the bridge, or the host's end of the
/// pair that the ptp plugin makes. None for other plugins, which let their pods through themselves.
/// Pure: sysfs would show the interfaces of whichever namespace it was mounted in.
record HostLinks(Set<String> names, boolean ipv4, boolean ipv6) {
  /// flannel has the bridge plugin do its work.
  private static final Set<String> BRIDGES = Set.of("bridge", "flannel");

  private static final String DEFAULT_BRIDGE = "cni0";

  /// What iptables takes literally; a trailing `+` would match a whole family of names.
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.@][A-Za-z0-9_.@:\\-]{0,14}");

  HostLinks {
    names = Set.copyOf(names);
  }

  static HostLinks of(NetworkConf network, CniResult result) {
    return new HostLinks(
        names(network.plugins().getFirst(), result).stream()
            .filter(name -> PLAIN.matcher(name).matches())
            .collect(Collectors.toSet()),
        result.ips().stream().anyMatch(ip -> !ip.isIpv6()),
        result.ips().stream().anyMatch(CniResult.Ip::isIpv6));
  }

  private static List<String> names(NetworkConf.Plugin main, CniResult result) {
    List<String> onHost = result.interfaces().stream()
        .filter(one -> one.sandbox().isEmpty())
        .map(CniResult.Interface::name)
        .toList();
    if (main.type().equals("ptp")) {
      return onHost;
    }
    if (!BRIDGES.contains(main.type())) {
      return List.of();
    }
    List<String> bridges =
        onHost.stream().filter(name -> !name.startsWith("veth")).toList();
    return bridges.isEmpty()
        ? List.of(main.json().path("bridge").stringValue(DEFAULT_BRIDGE))
        : bridges;
  }
}
