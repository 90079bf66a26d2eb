package dev.jubelet.kubelet.image;

import dev.jubelet.cri.v1.AuthConfig;
import dev.jubelet.cri.v1.Image;
import dev.jubelet.cri.v1.ImageSpec;
import dev.jubelet.cri.v1.PodSandboxConfig;
import java.io.IOException;
import java.util.Optional;

/// The two verbs of CRI's ImageService that pulling needs; both carry their own deadlines.
public interface ImageRuntime {
  /// Empty when the image is not on the node.
  Optional<Image> imageStatus(ImageSpec image) throws IOException;

  /// @return the runtime's reference of what was pulled
  String pullImage(ImageSpec image, Optional<AuthConfig> auth, PodSandboxConfig sandbox)
      throws IOException;
}
