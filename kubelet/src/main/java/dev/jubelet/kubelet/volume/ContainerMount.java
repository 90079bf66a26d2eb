package dev.jubelet.kubelet.volume;

import dev.jubelet.cri.v1.Mount;
import dev.jubelet.cri.v1.MountPropagation;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.nio.file.Path;

/// A volumeMount as CRI has it.
final class ContainerMount {
  private ContainerMount() {}

  static Mount of(VolumeMount mount, Path hostPath, boolean relabel) throws VolumeException {
    String path = mount.getMountPath();
    return Mount.newBuilder()
        .setContainerPath(path.startsWith("/") ? path : "/" + path)
        .setHostPath(hostPath.toString())
        .setReadonly(Boolean.TRUE.equals(mount.getReadOnly()))
        .setRecursiveReadOnly("Enabled".equals(mount.getRecursiveReadOnly()))
        .setSelinuxRelabel(relabel)
        .setPropagation(propagation(mount))
        .build();
  }

  static Mount file(String containerPath, Path hostPath, boolean readOnly) {
    return Mount.newBuilder()
        .setContainerPath(containerPath)
        .setHostPath(hostPath.toString())
        .setReadonly(readOnly)
        .setSelinuxRelabel(true)
        .build();
  }

  private static MountPropagation propagation(VolumeMount mount) throws VolumeException {
    String propagation = mount.getMountPropagation();
    return switch (propagation == null ? "None" : propagation) {
      case "None" -> MountPropagation.PROPAGATION_PRIVATE;
      case "HostToContainer" -> MountPropagation.PROPAGATION_HOST_TO_CONTAINER;
      case "Bidirectional" -> MountPropagation.PROPAGATION_BIDIRECTIONAL;
      default ->
        throw new VolumeException(
            "volume %s: unknown mountPropagation %s".formatted(mount.getName(), propagation));
    };
  }
}
