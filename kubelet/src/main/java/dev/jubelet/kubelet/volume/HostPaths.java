package dev.jubelet.kubelet.volume;

import io.fabric8.kubernetes.api.model.HostPathVolumeSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/// hostPath volumes: what the node has there must be what the manifest says.
final class HostPaths {
  private static final int KIND = 0170000;
  private static final int SOCKET = 0140000;
  private static final int BLOCK = 0060000;
  private static final int DIRECTORY = 0040000;
  private static final int CHARACTER = 0020000;
  private static final int REGULAR = 0100000;
  private static final int NOTHING = 0;

  private HostPaths() {}

  static void check(String volume, HostPathVolumeSource source)
      throws IOException, VolumeException {
    Path path = Path.of(source.getPath());
    String type = source.getType() == null ? "" : source.getType();
    switch (type) {
      case "" -> {}
      case "DirectoryOrCreate" -> {
        if (kind(path) == NOTHING) {
          Files.createDirectories(path, mode("rwxr-xr-x"));
        }
        require(volume, path, DIRECTORY, "a directory");
      }
      case "FileOrCreate" -> {
        if (kind(path) == NOTHING) {
          Files.createFile(path, mode("rw-r--r--"));
        }
        require(volume, path, REGULAR, "a file");
      }
      case "Directory" -> require(volume, path, DIRECTORY, "a directory");
      case "File" -> require(volume, path, REGULAR, "a file");
      case "Socket" -> require(volume, path, SOCKET, "a socket file");
      case "CharDevice" -> require(volume, path, CHARACTER, "a character device");
      case "BlockDevice" -> require(volume, path, BLOCK, "a block device");
      default ->
        throw new VolumeException("volume %s: unknown hostPath.type %s".formatted(volume, type));
    }
  }

  private static void require(String volume, Path path, int kind, String name)
      throws IOException, VolumeException {
    int found = kind(path);
    if (found != kind) {
      throw new VolumeException("volume %s: hostPath type check failed: %s is not %s%s"
          .formatted(volume, path, name, found == NOTHING ? ", nothing is there" : ""));
    }
  }

  private static int kind(Path path) throws IOException {
    return Files.exists(path) ? (Integer) Files.getAttribute(path, "unix:mode") & KIND : NOTHING;
  }

  private static FileAttribute<?> mode(String mode) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode));
  }
}
