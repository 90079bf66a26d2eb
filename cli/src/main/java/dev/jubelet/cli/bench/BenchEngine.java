package dev.jubelet.cli.bench;

import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApiOptions;
import dev.jubelet.dockershim.docker.DockerEndpoint;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.docker.HttpDockerApi;
import dev.jubelet.dockershim.image.PauseImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/// The engine that is measured on: the one that `run` would use, called with nothing around the
/// calls.
final class BenchEngine {
  private BenchEngine() {}

  static Path socket() throws IOException {
    Path home = Path.of(System.getProperty("user.home"));
    try {
      return DockerEndpoint.resolve("", System.getenv(), home).socket();
    } catch (DockerEndpoint.RemoteException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  static DockerApi open(Path socket) {
    return new HttpDockerApi(socket, DockerApiOptions.timeout(Duration.ofMinutes(2)));
  }

  /// The pause image, loaded when it is not there; the image of the containers must be.
  static String pauseImage(DockerApi docker, String image) throws DockerException, IOException {
    if (docker.inspectImage(image).isEmpty()) {
      throw new IOException("image " + image + " is not on the engine: ./jubelet setup makes it");
    }
    return new PauseImage().ensure(docker);
  }
}
