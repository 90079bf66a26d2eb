package dev.jubelet.kubelet.runtime;

import dev.jubelet.cri.v1.AuthConfig;
import dev.jubelet.cri.v1.Image;
import dev.jubelet.cri.v1.ImageSpec;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.kubelet.cri.CriException;
import dev.jubelet.kubelet.cri.RuntimeClient;
import dev.jubelet.kubelet.image.ImageRuntime;
import java.util.Optional;

/// The runtime as the image puller sees it.
public record RuntimeImages(RuntimeClient client) implements ImageRuntime {
  @Override
  public Optional<Image> imageStatus(ImageSpec image) throws CriException {
    return client.imageStatus(image);
  }

  @Override
  public String pullImage(ImageSpec image, Optional<AuthConfig> auth, PodSandboxConfig sandbox)
      throws CriException {
    return client.pullImage(image, auth, sandbox);
  }
}
