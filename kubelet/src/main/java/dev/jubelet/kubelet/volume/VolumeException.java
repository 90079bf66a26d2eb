package dev.jubelet.kubelet.volume;

/// A volume that could not be set up, mounted or removed; names volume and path.
public class VolumeException extends Exception {
  public VolumeException(String message) {
    super(message);
  }

  public VolumeException(String message, Throwable cause) {
    super(message, cause);
  }
}
