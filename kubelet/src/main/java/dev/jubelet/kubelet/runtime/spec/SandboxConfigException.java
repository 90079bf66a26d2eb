package dev.jubelet.kubelet.runtime.spec;

/// A pod whose sandbox cannot be described to the runtime; event `FailedCreatePodSandBox`.
public class SandboxConfigException extends RuntimeException {
  public SandboxConfigException(String message) {
    super(message);
  }
}
