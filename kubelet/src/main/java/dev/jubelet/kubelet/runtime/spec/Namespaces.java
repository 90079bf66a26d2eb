package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.cri.v1.NamespaceMode;
import dev.jubelet.cri.v1.NamespaceOption;
import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.PodSpec;

/// Which namespaces a pod shares with the node or among its containers.
final class Namespaces {
  private Namespaces() {}

  static NamespaceOption of(FrozenPod pod) {
    PodSpec spec = pod.object().getSpec();
    return NamespaceOption.newBuilder()
        .setNetwork(pod.hostNetwork() ? NamespaceMode.NODE : NamespaceMode.POD)
        .setIpc(Boolean.TRUE.equals(spec.getHostIPC()) ? NamespaceMode.NODE : NamespaceMode.POD)
        .setPid(pid(spec))
        .build();
  }

  private static NamespaceMode pid(PodSpec spec) {
    if (Boolean.TRUE.equals(spec.getHostPID())) {
      return NamespaceMode.NODE;
    }
    return Boolean.TRUE.equals(spec.getShareProcessNamespace())
        ? NamespaceMode.POD
        : NamespaceMode.CONTAINER;
  }
}
