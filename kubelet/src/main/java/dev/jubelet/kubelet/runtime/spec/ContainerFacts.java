package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.cri.v1.Image;
import dev.jubelet.cri.v1.Mount;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// What is known about a container only when it is about to be created.
///
/// @param restartCount becomes the attempt and the log's file name
/// @param hash for the annotation `io.kubernetes.container.hash`, hex
/// @param imageRef the runtime's id of the image
/// @param imageUid the image's numeric user; empty when it has none or names one
/// @param imageUser the image's user by name, "" when it has none
/// @param env as [ContainerEnv#of] made it
/// @param mounts as `PodVolumes` made them
public record ContainerFacts(
    int restartCount,
    String hash,
    String imageRef,
    OptionalLong imageUid,
    String imageUser,
    Map<String, String> env,
    List<Mount> mounts) {
  public ContainerFacts {
    mounts = List.copyOf(mounts);
  }

  /// The user part of an image's status.
  public static OptionalLong uidOf(Image image) {
    return image.hasUid() ? OptionalLong.of(image.getUid().getValue()) : OptionalLong.empty();
  }
}
