package dev.jubelet.kubelet.image;

/// One line of a pod's events about an image.
///
/// @param warning else Normal
/// @param reason Pulling, Pulled, Failed, BackOff, ErrImageNeverPull or InspectFailed
public record ImageEvent(boolean warning, String reason, String message) {
  public static final String PULLING = "Pulling";
}
