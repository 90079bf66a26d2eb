package dev.jubelet.kubelet.cri;

import dev.jubelet.kubelet.pod.FrozenPod;

/// Which pod: what stays known of one even when its spec is gone.
public record PodId(String uid, String name, String namespace) {
  public static PodId of(FrozenPod pod) {
    return new PodId(pod.uid(), pod.name(), pod.namespace());
  }

  public static PodId of(PodStatus status) {
    return new PodId(status.uid(), status.name(), status.namespace());
  }

  /// `name_namespace`.
  public String fullName() {
    return name + "_" + namespace;
  }

  /// `namespace/name`, for people.
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
