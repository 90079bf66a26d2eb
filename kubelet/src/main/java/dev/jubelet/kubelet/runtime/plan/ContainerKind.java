package dev.jubelet.kubelet.runtime.plan;

import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import java.util.Locale;

/// What a container is to its pod.
public enum ContainerKind {
  /// Runs to its end before the next one starts.
  INIT,
  /// A restartable init container: runs beside the others and never ends by itself.
  SIDECAR,
  REGULAR;

  static ContainerKind ofInit(Container init) {
    return FrozenPod.isSidecar(init) ? SIDECAR : INIT;
  }

  /// Of the pod's container of that name.
  public static ContainerKind of(FrozenPod pod, String name) {
    for (Container init : pod.initContainers()) {
      if (init.getName().equals(name)) {
        return ofInit(init);
      }
    }
    return REGULAR;
  }

  /// The label of upstream's metrics and our protocol: `init`, `sidecar`, `regular`.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
