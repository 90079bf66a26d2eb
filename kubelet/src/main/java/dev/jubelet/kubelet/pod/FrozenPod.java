package dev.jubelet.kubelet.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A pod as the agent wants it: deep-copied, defaulted, validated once, and never changed
/// afterwards. The view is null-safe; `object()` is for reading only (an architecture rule forbids
/// its setters elsewhere).
///
/// @param source `file`, `http`, `api` or `run` (by the local socket)
/// @param firstSeen when this agent first saw this UID
public record FrozenPod(Pod object, String source, Instant firstSeen) {

  /// metadata.uid; for static pods made by us.
  public String uid() {
    return object.getMetadata().getUid();
  }

  public String name() {
    return object.getMetadata().getName();
  }

  public String namespace() {
    return object.getMetadata().getNamespace();
  }

  /// `name_namespace`, upstream's full name of a pod.
  public String fullName() {
    return name() + "_" + namespace();
  }

  public Map<String, String> labels() {
    Map<String, String> labels = object.getMetadata().getLabels();
    return labels == null ? Map.of() : labels;
  }

  public Map<String, String> annotations() {
    Map<String, String> annotations = object.getMetadata().getAnnotations();
    return annotations == null ? Map.of() : annotations;
  }

  public List<Container> containers() {
    List<Container> list = object.getSpec().getContainers();
    return list == null ? List.of() : list;
  }

  public List<Container> initContainers() {
    List<Container> list = object.getSpec().getInitContainers();
    return list == null ? List.of() : list;
  }

  /// An init container with `restartPolicy: Always`.
  public static boolean isSidecar(Container init) {
    return "Always".equals(init.getRestartPolicy());
  }

  /// Always, OnFailure or Never; the defaults are set.
  public String restartPolicy() {
    return object.getSpec().getRestartPolicy();
  }

  public boolean hostNetwork() {
    return Boolean.TRUE.equals(object.getSpec().getHostNetwork());
  }

  /// True for pods that no API server knows.
  public boolean isStatic() {
    return !source.equals("api");
  }

  /// spec.terminationGracePeriodSeconds; defaulted to 30 s.
  public Duration terminationGrace() {
    Long seconds = object.getSpec().getTerminationGracePeriodSeconds();
    return Duration.ofSeconds(seconds == null ? 30 : seconds);
  }

  /// metadata.deletionGracePeriodSeconds of a pod that an API server deletes.
  public Optional<Duration> deletionGrace() {
    return Optional.ofNullable(object.getMetadata().getDeletionGracePeriodSeconds())
        .map(Duration::ofSeconds);
  }

  public boolean deletionRequested() {
    return object.getMetadata().getDeletionTimestamp() != null;
  }
}
