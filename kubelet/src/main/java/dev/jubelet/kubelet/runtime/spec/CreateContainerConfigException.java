package dev.jubelet.kubelet.runtime.spec;

/// A container that cannot be described to the runtime: its waiting reason is
/// `CreateContainerConfigError` with this message.
public class CreateContainerConfigException extends RuntimeException {
  public static final String REASON = "CreateContainerConfigError";

  public CreateContainerConfigException(String message) {
    super(message);
  }
}
