package dev.jubelet.dockershim.checkpoint;

import java.util.List;

/// What must survive of a sandbox when its container is gone: whose it is and which host ports it
/// has.
public record SandboxCheckpoint(
    String name, String namespace, String uid, List<Port> ports, boolean hostNetwork) {
  public SandboxCheckpoint {
    ports = List.copyOf(ports);
  }

  /// A port mapping; protocol in lower case.
  public record Port(String protocol, int containerPort, int hostPort, String hostIp) {}
}
