package dev.jubelet.kubelet.image;

import dev.jubelet.cri.v1.AuthConfig;
import java.nio.file.Path;
import java.util.List;

/// Registry credentials from Docker's configuration files (`config.json`, `.dockercfg`) and the
/// credential helpers that they name.
public final class DockerCredentials {

  /// @param files read anew for every pull; those that do not exist are skipped
  public DockerCredentials(List<Path> files) {}

  /// The usual places: `<root>/config.json`, `/root/.docker/config.json`, `/.docker/config.json`.
  public static DockerCredentials standard(Path rootDir) {
    return new DockerCredentials(List.of());
  }

  /// What fits the image, best first; empty when nothing does.
  public List<AuthConfig> matching(ImageName image) throws InterruptedException {
    return List.of();
  }
}
