package dev.jubelet.kubelet.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.cri.v1.AuthConfig;
import dev.jubelet.cri.v1.Image;
import dev.jubelet.cri.v1.ImageSpec;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.resource.TestPods;
import dev.jubelet.trace.Recorder;
import dev.jubelet.trace.Traces;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImagePullerTest {
  private final AtomicReference<Instant> now = new AtomicReference<>(TestPods.SEEN);
  private final Clock clock = ((InstantSource) now::get).withZone(ZoneOffset.UTC);
  private final Traces traces = new Recorder(10, 100);
  private final FakeRuntime runtime = new FakeRuntime();
  private final List<String> events = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    traces.close();
  }

  /// Stateful; `pull` is what a pull does.
  private static final class FakeRuntime implements ImageRuntime {
    interface Pull {
      void run(ImageSpec image, Optional<AuthConfig> auth) throws IOException;
    }

    final Map<String, Image> images = new ConcurrentHashMap<>();
    final List<String> pulls = new CopyOnWriteArrayList<>();
    volatile Pull pull = (image, auth) -> {};

    @Override
    public Optional<Image> imageStatus(ImageSpec image) throws IOException {
      if (image.getImage().startsWith("broken")) {
        throw new IOException("store is broken");
      }
      return Optional.ofNullable(images.get(image.getImage()));
    }

    @Override
    public String pullImage(ImageSpec image, Optional<AuthConfig> auth, PodSandboxConfig sandbox)
        throws IOException {
      pulls.add(image.getImage() + auth.map(a -> " as " + a.getUsername()).orElse(""));
      pull.run(image, auth);
      images.put(
          image.getImage(), Image.newBuilder().setId("sha256:new").setSize(42).build());
      return "sha256:new";
    }
  }

  @ParameterizedTest(name = "{0} {1}, present {2}")
  @CsvSource({
    "busybox, , true, 1",
    "busybox, , false, 1",
    "busybox:1, , true, 0",
    "busybox:1, , false, 1",
    "busybox:1, Always, true, 1",
    "busybox, IfNotPresent, true, 0",
    "busybox, IfNotPresent, false, 1",
    "busybox, Never, true, 0"
  })
  void policies(String image, @Nullable String policy, boolean present, int pulls)
      throws Exception {
    if (present) {
      runtime.images.put(
          ImageName.parse(image).pullable(),
          Image.newBuilder().setId("sha256:old").build());
    }
    PullOutcome outcome = ensure(puller(false), pod("u-1", image, policy));
    assertThat(outcome).isInstanceOf(PullOutcome.Present.class);
    assertThat(runtime.pulls).hasSize(pulls);
    assertThat(events.getLast())
        .isEqualTo(
            pulls == 0
                ? "Normal Pulled Container image \"%s\" already present on machine".formatted(image)
                : "Normal Pulled Successfully pulled image \"%s\" in 0s (0s including waiting). Image size: 42 bytes."
                    .formatted(image));
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(delimiter = '|', textBlock = """
      busybox  | Never  | ErrImageNeverPull | Container image "busybox" is not present with pull policy of Never
      Busybox  | Always | InvalidImageName  | Failed to apply default image tag "Busybox": couldn't parse image name "Busybox": invalid reference format: repository name (Busybox) must be lowercase
      broken   | Always | ImageInspectError | Failed to inspect image "broken": store is broken
      """)
  void refusals(String image, String policy, String reason, String message) throws Exception {
    PullOutcome outcome = ensure(puller(false), pod("u-1", image, policy));
    assertThat(outcome)
        .isEqualTo(new PullOutcome.Failed(reason, message, now.get().plusSeconds(10)));
    assertThat(events.getFirst()).startsWith("Warning ").endsWith(message);
    assertThat(events.getLast()).isEqualTo("Warning Failed Error: " + reason);
    assertThat(runtime.pulls).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      manifest unknown                                              | ErrImagePull | manifest unknown
      rpc error: code = Unknown desc = RegistryUnavailable: timeout | RegistryUnavailable | image pull failed for x because the registry is unavailable: timeout
      SignatureValidationFailed: bad                                | SignatureValidationFailed | image pull failed for x because the signature validation failed: bad
      """)
  void failuresOfThePull(String error, String reason, String message) throws Exception {
    runtime.pull = (image, auth) -> {
      throw new IOException(error);
    };
    assertThat(ensure(puller(false), pod("u-1", "x", "Always")))
        .isEqualTo(new PullOutcome.Failed(reason, message, now.get().plusSeconds(10)));
    assertThat(events)
        .containsExactly(
            "Normal Pulling Pulling image \"x\"",
            "Warning Failed Failed to pull image \"x\": " + error,
            "Warning Failed Error: " + reason);
  }

  @Test
  void backOffDoublesTo300SecondsPerPodAndIsForgottenBySuccess() throws Exception {
    runtime.pull = (image, auth) -> {
      throw new IOException("no");
    };
    ImagePuller puller = puller(false);
    FrozenPod pod = pod("u-1", "x", "Always");
    for (int delay : new int[] {10, 20, 40, 80, 160, 300, 300}) {
      var failed = (PullOutcome.Failed) ensure(puller, pod);
      assertThat(failed.reason()).isEqualTo("ErrImagePull");
      assertThat(failed.retryAt()).isEqualTo(now.get().plusSeconds(delay));
      now.set(failed.retryAt().minusMillis(1));
      assertThat(ensure(puller, pod))
          .isEqualTo(new PullOutcome.Failed(
              "ImagePullBackOff",
              "Back-off pulling image \"x\": ErrImagePull: no",
              failed.retryAt()));
      now.set(failed.retryAt());
    }
    assertThat(runtime.pulls).hasSize(7);
    assertThat(((PullOutcome.Failed) ensure(puller, pod("u-2", "x", "Always"))).reason())
        .as("another pod's back-off is its own")
        .isEqualTo("ErrImagePull");
    runtime.pull = (image, auth) -> {};
    assertThat(ensure(puller, pod)).isInstanceOf(PullOutcome.Present.class);
    runtime.pull = (image, auth) -> {
      throw new IOException("no");
    };
    assertThat(((PullOutcome.Failed) ensure(puller, pod)).retryAt())
        .isEqualTo(now.get().plusSeconds(10));
    puller.forget("u-1");
    assertThat(((PullOutcome.Failed) ensure(puller, pod)).reason()).isEqualTo("ErrImagePull");
  }

  @Test
  void credentialsAreTriedInTurn(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(
        directory.resolve("config.json"),
        "{\"auths\": {\"q.io\": {\"username\": \"wide\"}, \"q.io/a\": {\"username\":"
            + " \"narrow\"}}}");
    runtime.pull = (image, auth) -> {
      if (auth.orElseThrow().getUsername().equals("narrow")) {
        throw new IOException("denied");
      }
    };
    ImagePuller puller = new ImagePuller(
        runtime,
        new DockerCredentials(List.of(file)),
        new ImagePuller.Options(false, 0, 0, 0),
        new PullMetrics(new PrometheusRegistry()),
        traces,
        clock);
    assertThat(ensure(puller, pod("u-1", "q.io/a/b", "Always")))
        .isInstanceOf(PullOutcome.Present.class);
    assertThat(runtime.pulls)
        .containsExactly("q.io/a/b:latest as narrow", "q.io/a/b:latest as wide");
  }

  @Test
  void oneImageIsPulledOnceForAllWhoWait() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    runtime.pull = (image, auth) -> waitFor(release);
    ImagePuller puller = puller(false);
    List<CompletableFuture<PullOutcome>> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(start(puller, pod("u-" + i, "x", "Always")));
    }
    await().until(() -> events.stream().filter(e -> e.contains("Pulling")).count() == 5);
    release.countDown();
    for (var one : all) {
      assertThat(one.get()).isInstanceOf(PullOutcome.Present.class);
    }
    assertThat(runtime.pulls).hasSizeLessThan(5);
  }

  @Test
  void interruptedPullIsTakenOverByOneWhoWaits() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    runtime.pull = (image, auth) -> {
      if (runtime.pulls.size() == 1) {
        waitFor(never);
      }
    };
    ImagePuller puller = puller(false);
    Thread first = Thread.startVirtualThread(() -> quietly(puller, pod("u-1", "x", "Always")));
    await().until(() -> runtime.pulls.size() == 1);
    var second = start(puller, pod("u-2", "x", "Always"));
    await().until(() -> events.stream().filter(e -> e.contains("Pulling")).count() == 2);
    first.interrupt();
    assertThat(second.get()).isInstanceOf(PullOutcome.Present.class);
  }

  @ParameterizedTest(name = "serialize {0}")
  @CsvSource({"true, 1", "false, 3"})
  void pullsOfDifferentImages(boolean serialize, int atOnce) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    runtime.pull = (image, auth) -> waitFor(release);
    ImagePuller puller = puller(serialize);
    List<CompletableFuture<PullOutcome>> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      all.add(start(puller, pod("u-" + i, "x" + i, "Always")));
    }
    await().until(() -> runtime.pulls.size() == atOnce);
    await().until(() -> events.stream().filter(e -> e.contains("Pulling")).count() == 3);
    assertThat(runtime.pulls).hasSize(atOnce);
    release.countDown();
    for (var one : all) {
      assertThat(one.get()).isInstanceOf(PullOutcome.Present.class);
    }
  }

  @Test
  void whatIsBeyondTheRateFailsAndBacksOff() throws InterruptedException {
    ImagePuller puller = puller(false, 1);
    assertThat(ensure(puller, pod("u-1", "x", "Always"))).isInstanceOf(PullOutcome.Present.class);
    assertThat(ensure(puller, pod("u-2", "y", "Always")))
        .isInstanceOfSatisfying(PullOutcome.Failed.class, failed -> {
          assertThat(failed.reason()).isEqualTo("ErrImagePull");
          assertThat(failed.message()).isEqualTo("pull QPS exceeded");
        });
    assertThat(runtime.pulls).hasSize(1);
    assertThat(events).contains("Warning Failed Failed to pull image \"y\": pull QPS exceeded");
  }

  private static void waitFor(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("cancelled");
    }
  }

  private ImagePuller puller(boolean serialize) {
    return puller(serialize, 0);
  }

  private ImagePuller puller(boolean serialize, int qps) {
    return new ImagePuller(
        runtime,
        new DockerCredentials(List.of()),
        new ImagePuller.Options(serialize, 0, qps, 1),
        new PullMetrics(new PrometheusRegistry()),
        traces,
        clock);
  }

  private CompletableFuture<PullOutcome> start(ImagePuller puller, FrozenPod pod) {
    CompletableFuture<PullOutcome> result = new CompletableFuture<>();
    Thread.startVirtualThread(() -> {
      try {
        result.complete(ensure(puller, pod));
      } catch (InterruptedException | RuntimeException e) {
        result.completeExceptionally(e);
      }
    });
    return result;
  }

  private void quietly(ImagePuller puller, FrozenPod pod) {
    try {
      ensure(puller, pod);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private PullOutcome ensure(ImagePuller puller, FrozenPod pod) throws InterruptedException {
    return puller.ensure(
        pod,
        pod.containers().getFirst(),
        PodSandboxConfig.getDefaultInstance(),
        e -> events.add((e.warning() ? "Warning " : "Normal ") + e.reason() + " " + e.message()));
  }

  private static FrozenPod pod(String uid, String image, @Nullable String policy) {
    return TestPods.yaml("{metadata: {uid: %s}, spec: {containers: [{name: c, image: \"%s\"%s}]}}"
        .formatted(uid, image, policy == null ? "" : ", imagePullPolicy: " + policy));
  }
}
