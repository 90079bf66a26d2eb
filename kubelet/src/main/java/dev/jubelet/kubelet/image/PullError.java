package dev.jubelet.kubelet.image;

/// The waiting reason for a failed pull. CRI has no codes for these two: runtimes begin the text
/// with the word (upstream `evalCRIPullErr`).
record PullError(String reason, String message) {

  static PullError of(String image, String error) {
    String own = error.replaceFirst("^rpc error: code = \\w+ desc = ", "");
    if (own.startsWith("RegistryUnavailable")) {
      return new PullError(
          "RegistryUnavailable",
          "image pull failed for %s because the registry is unavailable%s"
              .formatted(image, own.substring("RegistryUnavailable".length())));
    }
    if (own.startsWith("SignatureValidationFailed")) {
      return new PullError(
          "SignatureValidationFailed",
          "image pull failed for %s because the signature validation failed%s"
              .formatted(image, own.substring("SignatureValidationFailed".length())));
    }
    return new PullError("ErrImagePull", error);
  }
}
