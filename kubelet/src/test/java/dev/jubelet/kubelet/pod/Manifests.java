package dev.jubelet.kubelet.pod;

import dev.jubelet.kubelet.pod.StaticPods.Taken;
import dev.jubelet.kubelet.yaml.YamlException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/// Manifests for tests, and what becomes of them.
final class Manifests {
  static final Instant NOW = Instant.parse("2026-11-01T10:00:00Z");

  private Manifests() {}

  /// A pod `web` with the given lines (two spaces deep) in its spec, beside one container `c`.
  static String pod(String specLines) {
    return """
        apiVersion: v1
        kind: Pod
        metadata:
          name: web
        spec:
        %s
          containers:
          - name: c
            image: busybox:1
        """.formatted(specLines);
  }

  /// A pod `web` with the given lines (four spaces deep) in its one container `c`.
  static String container(String containerLines) {
    return pod("") + containerLines + "\n";
  }

  static StaticPods files() {
    return new StaticPods("file", "Node-1", List.of(), InstantSource.fixed(NOW));
  }

  static Taken take(String text) {
    return take(files(), text).getFirst();
  }

  static List<Taken> take(StaticPods pods, String text) {
    try {
      return pods.take(text.getBytes(StandardCharsets.UTF_8), "file:/etc/kubernetes/web.yaml");
    } catch (YamlException e) {
      throw new AssertionError(e);
    }
  }

  static FrozenPod accepted(String text) {
    return accepted(take(text));
  }

  static FrozenPod accepted(Taken taken) {
    return switch (taken) {
      case Taken.Accepted a -> a.pod();
      case Taken.Refused r -> throw new AssertionError(r.problems());
    };
  }

  static List<String> problems(String text) {
    return switch (take(text)) {
      case Taken.Accepted a -> throw new AssertionError("accepted " + a.pod());
      case Taken.Refused r -> r.problems();
    };
  }
}
