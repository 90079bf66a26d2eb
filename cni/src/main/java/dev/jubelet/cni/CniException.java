package dev.jubelet.cni;

import java.util.Optional;
import java.util.OptionalInt;

/// A network configuration is unusable, or a plugin failed. The message is complete in itself, as
/// libcni words it: `plugin type="bridge" failed (add): <msg>; <details>`.
public final class CniException extends Exception {
  /// The specification's code for "invalid network config", used for configurations that no plugin
  /// has seen.
  public static final int INVALID_CONFIG = 7;

  /// STATUS: the plugin cannot take ADD requests.
  public static final int NOT_AVAILABLE = 50;

  private final String plugin;
  private final int code;
  private final String details;

  CniException(String message) {
    this("", -1, "", message, null);
  }

  CniException(String message, Throwable cause) {
    this("", -1, "", message, cause);
  }

  CniException(String plugin, int code, String details, String message) {
    this(plugin, code, details, message, null);
  }

  private CniException(
      String plugin,
      int code,
      String details,
      String message,
      @org.jspecify.annotations.Nullable Throwable cause) {
    super(message, cause);
    this.plugin = plugin;
    this.code = code;
    this.details = details;
  }

  /// The type of the plugin that failed; empty when none ran.
  public Optional<String> plugin() {
    return plugin.isEmpty() ? Optional.empty() : Optional.of(plugin);
  }

  /// The `code` that the plugin gave; empty when it gave no error object.
  public OptionalInt code() {
    return code < 0 ? OptionalInt.empty() : OptionalInt.of(code);
  }

  /// The `details` that the plugin gave; may be empty.
  public String details() {
    return details;
  }
}
