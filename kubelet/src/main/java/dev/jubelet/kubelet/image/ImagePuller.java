package dev.jubelet.kubelet.image;

import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import java.time.Clock;
import java.util.function.Consumer;

/// Makes a container's image present, as its pull policy says.
public final class ImagePuller {

  /// @param serialize one pull at a time for the whole node (`serializeImagePulls`)
  /// @param maxParallel 0 means no limit (`maxParallelImagePulls`)
  public record Options(boolean serialize, int maxParallel) {}

  public ImagePuller(
      ImageRuntime runtime, DockerCredentials credentials, Options options, Clock clock) {}

  /// Waits for the pull. Events are told as they happen.
  public PullOutcome ensure(
      FrozenPod pod, Container container, PodSandboxConfig sandbox, Consumer<ImageEvent> events)
      throws InterruptedException {
    return new PullOutcome.Failed("", "", java.time.Instant.EPOCH);
  }

  /// Forgets the back-off of a pod that is gone.
  public void forget(String podUid) {}
}
