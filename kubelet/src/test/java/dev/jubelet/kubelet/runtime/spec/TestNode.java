package dev.jubelet.kubelet.runtime.spec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The node of these tests: 4 CPUs, 4 GiB, a cluster DNS.
final class TestNode {
  static final DnsFacts DNS = new DnsFacts(
      List.of("10.96.0.10"),
      "cluster.local",
      Optional.of(ResolvConf.parse("nameserver 8.8.8.8\nsearch corp.example.\n")));

  static final NodeFacts NODE = new NodeFacts(
      "node-1",
      List.of("192.0.2.1", "2001:db8::1"),
      DNS,
      Path.of("/var/log/pods"),
      Path.of("/var/lib/kubelet/seccomp"),
      false,
      new NodeFacts.Allocatable(4000, 4L << 30, 10L << 30),
      4L << 30,
      true,
      Duration.ofMillis(100),
      List.of("kernel.msg*"),
      "");

  private TestNode() {}

  static ContainerFacts facts() {
    return facts(OptionalLong.empty(), "");
  }

  static ContainerFacts facts(OptionalLong imageUid, String imageUser) {
    return new ContainerFacts(
        2, "abcd", "sha256:1", imageUid, imageUser, Map.of("A", "1"), List.of());
  }
}
