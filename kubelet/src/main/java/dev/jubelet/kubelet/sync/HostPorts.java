package dev.jubelet.kubelet.sync;

import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The node's ports that a pod asks for. Pure.
final class HostPorts {
  private HostPorts() {}

  /// @param ip empty for every address
  record Port(String ip, String protocol, int number) {
    boolean clashesWith(Port other) {
      return number == other.number
          && protocol.equals(other.protocol)
          && (any(ip) || any(other.ip) || ip.equals(other.ip));
    }

    private static boolean any(String ip) {
      return ip.isEmpty() || ip.equals("0.0.0.0") || ip.equals("::");
    }

    @Override
    public String toString() {
      return (ip.isEmpty() ? "" : ip + ":") + number + "/" + protocol;
    }
  }

  /// Regular containers and sidecars; a one-time init container publishes nothing.
  static List<Port> of(FrozenPod pod) {
    List<Port> ports = new ArrayList<>();
    Stream.concat(
            pod.initContainers().stream().filter(FrozenPod::isSidecar), pod.containers().stream())
        .forEach(container -> add(container, ports));
    return ports;
  }

  private static void add(Container container, List<Port> ports) {
    List<ContainerPort> declared = container.getPorts();
    for (ContainerPort port : declared == null ? List.<ContainerPort>of() : declared) {
      Integer host = port.getHostPort();
      if (host != null && host > 0) {
        String ip = port.getHostIP() == null ? "" : port.getHostIP();
        String protocol = port.getProtocol() == null ? "TCP" : port.getProtocol();
        ports.add(new Port(ip, protocol, host));
      }
    }
  }
}
