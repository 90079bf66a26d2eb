package dev.jubelet.kubelet.resource;

import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// Pods for tests, from the part of their YAML that matters.
public final class TestPods {
  public static final Instant SEEN = Instant.parse("2026-11-01T10:00:00Z");

  private static final YAMLMapper YAML = new YAMLMapper();

  private TestPods() {}

  /// @param spec the lines under `spec:`
  public static FrozenPod spec(String spec) {
    return yaml("spec:\n" + spec.indent(2));
  }

  /// What metadata does not say is filled in: name p, namespace default, uid u-1.
  public static FrozenPod yaml(String text) {
    Pod pod = YAML.readValue(text, Pod.class);
    ObjectMeta meta = pod.getMetadata() == null ? new ObjectMeta() : pod.getMetadata();
    meta.setName(meta.getName() == null ? "p" : meta.getName());
    meta.setNamespace(meta.getNamespace() == null ? "default" : meta.getNamespace());
    meta.setUid(meta.getUid() == null ? "u-1" : meta.getUid());
    pod.setMetadata(meta);
    if (pod.getSpec().getRestartPolicy() == null) {
      pod.getSpec().setRestartPolicy("Always");
    }
    return new FrozenPod(pod, "file", SEEN);
  }
}
