package dev.jubelet.dockershim.network;

/// A sandbox could not be joined to or taken off its network. The message names the pod, the plugin
/// and the cause.
public final class NetworkException extends Exception {
  public NetworkException(String message) {
    super(message);
  }

  public NetworkException(String message, Throwable cause) {
    super(message, cause);
  }
}
