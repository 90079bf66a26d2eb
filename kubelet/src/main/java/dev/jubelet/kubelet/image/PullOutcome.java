package dev.jubelet.kubelet.image;

import dev.jubelet.cri.v1.Image;
import java.time.Instant;

/// What came of making an image present.
public sealed interface PullOutcome {
  /// @param image the runtime's status of it, with its user
  record Present(Image image) implements PullOutcome {}

  /// @param reason the container's waiting reason: ErrImagePull, ImagePullBackOff,
  /// ErrImageNeverPull, InvalidImageName, ImageInspectError, RegistryUnavailable or
  /// SignatureValidationFailed
  /// @param retryAt the earliest next try that can end otherwise
  record Failed(String reason, String message, Instant retryAt) implements PullOutcome {}
}
