package dev.jubelet.dockershim.checkpoint;

import dev.jubelet.dockershim.checkpoint.SandboxCheckpoint.Port;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/// The checksum of a checkpoint's data as the Go shims compute it: 32-bit FNV-1a over a dump of
/// their structs by reflection. The struct's package is part of the text, so dockershim's and
/// cri-dockerd's sums differ.
final class GoDump {
  private GoDump() {}

  /// cri-dockerd's sum, which is written.
  static long criDockerd(SandboxCheckpoint checkpoint) {
    return fnv1a(dump(checkpoint, "core", "config"));
  }

  /// dockershim's sum, which is accepted.
  static long dockershim(SandboxCheckpoint checkpoint) {
    return fnv1a(dump(checkpoint, "dockershim", "dockershim"));
  }

  private static String dump(SandboxCheckpoint checkpoint, String data, String port) {
    String ports = checkpoint.ports().isEmpty()
        ? "<nil>"
        : checkpoint.ports().stream()
            .map(p -> dump(p, port))
            .collect(Collectors.joining(" ", "[", "]"));
    return "(%s.CheckpointData){PortMappings:([]*%s.PortMapping)%s HostNetwork:(bool)%s}"
        .formatted(data, port, ports, checkpoint.hostNetwork());
  }

  private static String dump(Port p, String in) {
    return "<*>{Protocol:(*%s.Protocol)%s ContainerPort:(*int32)%d HostPort:(*int32)%d HostIP:(string)%s}"
        .formatted(in, p.protocol(), p.containerPort(), p.hostPort(), p.hostIp());
  }

  private static long fnv1a(String text) {
    int hash = 0x811c9dc5;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x01000193;
    }
    return Integer.toUnsignedLong(hash);
  }
}
