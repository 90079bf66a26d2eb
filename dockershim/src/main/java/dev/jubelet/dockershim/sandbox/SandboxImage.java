package dev.jubelet.dockershim.sandbox;

import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.image.PauseImage;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The image of sandboxes: the configured one, pulled when it is missing, else the one in our jar.
/// The engine is asked once, and again after it said that the image is not there.
public final class SandboxImage {
  private static final Logger log = LoggerFactory.getLogger(SandboxImage.class);

  private final DockerApi docker;
  private final Optional<String> configured;
  private final Duration pullIdle;
  private final PauseImage builtIn = new PauseImage();
  private final AtomicBoolean present = new AtomicBoolean();

  /// @param configured empty for the built-in one
  /// @param pullIdle how long a pull may make no progress
  public SandboxImage(DockerApi docker, Optional<String> configured, Duration pullIdle) {
    this.docker = docker;
    this.configured = configured;
    this.pullIdle = pullIdle;
  }

  /// Its name, without asking the engine.
  public String reference() {
    return configured.orElseGet(builtIn::reference);
  }

  /// Makes sure that the engine has it.
  public void ensure() throws DockerException, InterruptedException {
    if (present.get()) {
      return;
    }
    if (configured.isEmpty()) {
      builtIn.ensure(docker);
    } else if (docker.inspectImage(configured.get()).isEmpty()) {
      log.info("pulling sandbox image {}", configured.get());
      docker.pullImage(configured.get(), Optional.empty(), pullIdle, progress -> {});
    }
    present.set(true);
  }

  /// The engine said that it is not there after all.
  void missing() {
    present.set(false);
  }
}
