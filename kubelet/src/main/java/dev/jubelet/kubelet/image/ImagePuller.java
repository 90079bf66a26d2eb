package dev.jubelet.kubelet.image;

import dev.jubelet.cri.v1.AuthConfig;
import dev.jubelet.cri.v1.Image;
import dev.jubelet.cri.v1.ImageSpec;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.trace.Traces;
import io.fabric8.kubernetes.api.model.Container;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Makes a container's image present, as its pull policy says (upstream `EnsureImageExists`).
public final class ImagePuller {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

  private final ImageRuntime runtime;
  private final DockerCredentials credentials;
  private final SharedPulls pulls;
  private final PullRate rate;
  private final PullMetrics metrics;
  private final Clock clock;
  private final PullBackoff backoff = new PullBackoff();

  /// @param serialize one pull at a time for the whole node (`serializeImagePulls`)
  /// @param maxParallel 0 means no limit (`maxParallelImagePulls`)
  /// @param qps pulls a second; 0 means no limit (`registryPullQPS`)
  /// @param burst pulls at once (`registryBurst`)
  public record Options(boolean serialize, int maxParallel, int qps, int burst) {
    private int limit() {
      return serialize ? 1 : maxParallel > 0 ? maxParallel : Integer.MAX_VALUE;
    }
  }

  /// @param clock one that nobody sets: for back-off and how long pulls take
  public ImagePuller(
      ImageRuntime runtime,
      DockerCredentials credentials,
      Options options,
      PullMetrics metrics,
      Traces traces,
      Clock clock) {
    this.runtime = runtime;
    this.credentials = credentials;
    this.pulls = new SharedPulls(options.limit(), traces, clock);
    this.rate = new PullRate(options.qps(), options.burst(), System.nanoTime());
    this.metrics = metrics;
    this.clock = clock;
  }

  /// Waits for the pull. Events are told as they happen.
  public PullOutcome ensure(
      FrozenPod pod, Container container, PodSandboxConfig sandbox, Consumer<ImageEvent> events)
      throws InterruptedException {
    String written = container.getImage();
    ImageName name;
    Optional<Image> present;
    try {
      name = ImageName.parse(written);
      present = runtime.imageStatus(spec(name));
    } catch (IllegalArgumentException e) {
      String message =
          "Failed to apply default image tag \"%s\": %s".formatted(written, e.getMessage());
      events.accept(new ImageEvent(true, "InspectFailed", message));
      return failed("InvalidImageName", message, later(), events);
    } catch (IOException e) {
      String message = "Failed to inspect image \"%s\": %s".formatted(written, text(e));
      events.accept(new ImageEvent(true, "InspectFailed", message));
      return failed("ImageInspectError", message, later(), events);
    }
    String policy = policy(container, name);
    if (present.isPresent() && !policy.equals("Always")) {
      events.accept(new ImageEvent(
          false, "Pulled", "Container image \"%s\" already present on machine".formatted(written)));
      return new PullOutcome.Present(present.get());
    }
    if (policy.equals("Never")) {
      String message =
          "Container image \"%s\" is not present with pull policy of Never".formatted(written);
      events.accept(new ImageEvent(true, "ErrImageNeverPull", message));
      return failed("ErrImageNeverPull", message, later(), events);
    }
    return pull(pod, written, name, sandbox, events);
  }

  /// Forgets the back-off of a pod that is gone.
  public void forget(String podUid) {
    backoff.forget(podUid);
  }

  // API servers default it; a manifest of our own may come without
  private static String policy(Container container, ImageName name) {
    String policy = container.getImagePullPolicy();
    if (policy != null && !policy.isEmpty()) {
      return policy;
    }
    return name.pullable().endsWith(":latest") ? "Always" : "IfNotPresent";
  }

  private PullOutcome pull(
      FrozenPod pod,
      String written,
      ImageName name,
      PodSandboxConfig sandbox,
      Consumer<ImageEvent> events)
      throws InterruptedException {
    Optional<PullBackoff.Entry> waiting =
        backoff.waiting(pod.uid(), name.pullable(), clock.instant());
    if (waiting.isPresent()) {
      String message = "Back-off pulling image \"%s\"".formatted(written);
      events.accept(new ImageEvent(false, "BackOff", message));
      return failed(
          "ImagePullBackOff",
          message + ": " + waiting.get().error(),
          waiting.get().retryAt(),
          events);
    }
    events.accept(
        new ImageEvent(false, ImageEvent.PULLING, "Pulling image \"%s\"".formatted(written)));
    try {
      SharedPulls.Pulled pulled = pulls.pull(name.pullable(), () -> pulled(name, sandbox));
      metrics.pulled(pulled.image().getSize(), pulled.tookWaiting());
      backoff.succeeded(pod.uid(), name.pullable());
      events.accept(new ImageEvent(false, "Pulled", pulledText(written, pulled)));
      return new PullOutcome.Present(pulled.image());
    } catch (IOException e) {
      return pullFailed(pod, written, name, text(e), events);
    }
  }

  private PullOutcome pullFailed(
      FrozenPod pod, String written, ImageName name, String error, Consumer<ImageEvent> events) {
    events.accept(new ImageEvent(
        true, "Failed", "Failed to pull image \"%s\": %s".formatted(written, error)));
    PullError kind = PullError.of(written, error);
    Instant retryAt = backoff.failed(
        pod.uid(), name.pullable(), clock.instant(), kind.reason() + ": " + kind.message());
    return failed(kind.reason(), kind.message(), retryAt, events);
  }

  private static String pulledText(String written, SharedPulls.Pulled pulled) {
    return "Successfully pulled image \"%s\" in %s (%s including waiting). Image size: %s bytes."
        .formatted(
            written,
            GoDuration.text(pulled.took()),
            GoDuration.text(pulled.tookWaiting()),
            Long.toUnsignedString(pulled.image().getSize()));
  }

  // each credential that fits, in turn; without any, anonymously
  private Image pulled(ImageName name, PodSandboxConfig sandbox)
      throws IOException, InterruptedException {
    if (!rate.allows(System.nanoTime())) {
      throw new IOException("pull QPS exceeded");
    }
    List<AuthConfig> auths = credentials.matching(name);
    if (auths.isEmpty()) {
      return inspected(name, runtime.pullImage(spec(name), Optional.empty(), sandbox));
    }
    List<String> errors = new ArrayList<>();
    for (AuthConfig auth : auths) {
      try {
        return inspected(name, runtime.pullImage(spec(name), Optional.of(auth), sandbox));
      } catch (IOException e) {
        errors.add(text(e));
      }
    }
    throw new IOException(
        errors.size() == 1 ? errors.getFirst() : "[" + String.join(", ", errors) + "]");
  }

  private Image inspected(ImageName name, String reference) throws IOException {
    Optional<Image> image = runtime.imageStatus(spec(name));
    if (image.isEmpty() && !reference.isEmpty()) {
      image = runtime.imageStatus(ImageSpec.newBuilder().setImage(reference).build());
    }
    return image.orElseThrow(
        () -> new IOException("image %s was pulled and is gone again".formatted(name.pullable())));
  }

  private static ImageSpec spec(ImageName name) {
    return ImageSpec.newBuilder().setImage(name.pullable()).build();
  }

  private static PullOutcome failed(
      String reason, String message, Instant retryAt, Consumer<ImageEvent> events) {
    events.accept(new ImageEvent(true, "Failed", "Error: " + reason));
    return new PullOutcome.Failed(reason, message, retryAt);
  }

  private Instant later() {
    return clock.instant().plus(LOOK_AGAIN);
  }

  private static String text(Throwable e) {
    @Nullable String message = e.getMessage();
    return message == null ? e.toString() : message;
  }
}
