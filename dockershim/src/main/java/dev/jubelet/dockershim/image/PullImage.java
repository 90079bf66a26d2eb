package dev.jubelet.dockershim.image;

import dev.jubelet.cri.v1.AuthConfig;
import dev.jubelet.cri.v1.PullImageRequest;
import dev.jubelet.cri.v1.PullImageResponse;
import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.RegistryAuth;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.trace.Traces;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `PullImage`: pulls, then answers the image's id, the same text that every other call has. The
/// pull ends when nothing moves for the progress deadline, or when the caller cancels.
public final class PullImage {
  private static final Logger log = LoggerFactory.getLogger(PullImage.class);

  private final DockerApi docker;
  private final KnownImages images;
  private final Traces traces;
  private final Duration progressDeadline;

  /// @param progressDeadline `--image-pull-progress-deadline`
  public PullImage(DockerApi docker, KnownImages images, Traces traces, Duration progressDeadline) {
    this.docker = docker;
    this.images = images;
    this.traces = traces;
    this.progressDeadline = progressDeadline;
  }

  public PullImageResponse call(PullImageRequest request)
      throws DockerException, InterruptedException {
    String reference = request.getImage().getImage();
    if (reference.isEmpty()) {
      throw CriException.invalid("image.image: is empty, name an image");
    }
    Optional<RegistryAuth> auth = request.hasAuth() ? auth(request.getAuth()) : Optional.empty();
    Layers layers = new Layers();
    log.debug("pulling image {}", reference);
    try {
      docker.pullImage(reference, auth, progressDeadline, layers);
    } catch (DockerException e) {
      if (unavailable(e)) {
        throw unavailable(reference, e);
      }
      throw e;
    } finally {
      layers.record(traces);
      images.forget();
    }
    String id = images
        .find(reference)
        .orElseThrow(() -> new CriException(
            Status.Code.UNKNOWN, "image " + reference + " was pulled but is not there now"))
        .id();
    return PullImageResponse.newBuilder().setImageRef(id).build();
  }

  /// Empty when nothing is given: then the pull is anonymous. The field `auth` is Docker's
  /// `base64(user:password)`.
  static Optional<RegistryAuth> auth(AuthConfig config) {
    String username = config.getUsername();
    String password = config.getPassword();
    if (username.isEmpty() && password.isEmpty() && !config.getAuth().isEmpty()) {
      String[] pair = decoded(config.getAuth()).split(":", 2);
      if (pair.length != 2) {
        throw CriException.invalid("auth.auth: is not base64 of user:password");
      }
      username = pair[0];
      password = pair[1].replaceAll("\\x00+$", "");
    }
    RegistryAuth auth = new RegistryAuth(
        username,
        password,
        config.getServerAddress(),
        config.getIdentityToken(),
        config.getRegistryToken());
    boolean empty = username.isEmpty()
        && password.isEmpty()
        && config.getIdentityToken().isEmpty()
        && config.getRegistryToken().isEmpty();
    return empty ? Optional.empty() : Optional.of(auth);
  }

  private static String decoded(String text) {
    try {
      return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw CriException.invalid("auth.auth: is not base64 of user:password");
    }
  }

  private static boolean unavailable(DockerException e) {
    return e.status() == 502 || e.status() == 503 || (e.status() == 504 && !e.isTimeout());
  }

  /// The kubelet knows a registry that does not answer by this prefix.
  private static CriException unavailable(String reference, DockerException e) {
    String text = "RegistryUnavailable: " + reference + ": " + e.getMessage();
    return new CriException(Status.Code.UNAVAILABLE, text, e);
  }
}
