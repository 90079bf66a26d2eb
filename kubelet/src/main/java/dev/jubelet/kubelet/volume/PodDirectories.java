package dev.jubelet.kubelet.volume;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Pattern;

/// The layout of one pod below `<root>/pods/<uid>`, upstream's letter for letter.
record PodDirectories(Path pod) {
  static final String EMPTY_DIR = "kubernetes.io~empty-dir";

  private static final Pattern UID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  private static final String PRIVATE = "rwxr-x---";

  /// @throws VolumeException for a UID that could lead elsewhere
  static PodDirectories of(Path root, String uid) throws VolumeException {
    if (!UID.matcher(uid).matches()) {
      throw new VolumeException(
          "pod uid \"%s\" cannot name a directory, use letters, digits and dashes".formatted(uid));
    }
    return new PodDirectories(root.resolve("pods").resolve(uid));
  }

  Path emptyDir(String volume) {
    return pod.resolve("volumes").resolve(EMPTY_DIR).resolve(volume);
  }

  boolean isEmptyDir(Path path) {
    Path all = pod.resolve("volumes").resolve(EMPTY_DIR);
    return path.startsWith(all) && path.getNameCount() == all.getNameCount() + 1;
  }

  /// Says that the volume was set up once, so that nobody resets what the pod did to it since.
  Path ready(String volume) {
    return pod.resolve("plugins").resolve(EMPTY_DIR).resolve(volume).resolve("ready");
  }

  Path subPaths() {
    return pod.resolve("volume-subpaths");
  }

  Path subPath(String volume, String container, int index) {
    return subPaths().resolve(volume).resolve(container).resolve(Integer.toString(index));
  }

  Path hosts() {
    return pod.resolve("etc-hosts");
  }

  Path container(String name) {
    return pod.resolve("containers").resolve(name);
  }

  /// Makes the directories that every pod has.
  void create() throws IOException {
    makePrivate(pod.resolve("volumes"));
    makePrivate(pod.resolve("plugins"));
    makePrivate(pod.resolve("containers"));
  }

  static void makeParent(Path file) throws IOException {
    Path parent = file.getParent();
    if (parent != null) {
      makePrivate(parent);
    }
  }

  /// Makes what lacks of a path with mode 0750, whatever the umask is.
  static void makePrivate(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    makeParent(directory);
    Files.createDirectory(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(PRIVATE));
  }
}
