package dev.jubelet.kubelet.yaml;

/// Text that is not YAML or JSON, or passes a bound. The message names the line where it is known
/// and what to change.
public final class YamlException extends Exception {
  private static final long serialVersionUID = 1L;

  YamlException(String message) {
    super(message);
  }
}
