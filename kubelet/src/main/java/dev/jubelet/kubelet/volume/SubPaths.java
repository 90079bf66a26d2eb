package dev.jubelet.kubelet.volume;

import dev.jubelet.linux.KernelException;
import dev.jubelet.linux.Mounts;
import dev.jubelet.linux.OpenFd;
import dev.jubelet.linux.SafePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// subPath mounts, safe against a volume whose owner plants or swaps symbolic links
/// (CVE-2017-1002101, CVE-2021-25741): the file is opened once, beneath the volume, and exactly
/// what was opened is bind-mounted to a directory that only root can reach.
final class SubPaths {
  private static final int PERMISSIONS = 0777;
  private static final int SETGID = 02000;

  private SubPaths() {}

  /// Mounts `relative` of the volume on `target`; a directory is made where nothing is there.
  static void mount(Path volume, String relative, Path target) throws IOException {
    makeMissing(volume, relative);
    try (OpenFd found = SafePath.openBeneath(volume, relative)) {
      BasicFileAttributes source =
          Files.readAttributes(found.procPath(), BasicFileAttributes.class);
      if (Mounts.isMountPoint(target)) {
        if (sameFile(source, target)) {
          return;
        }
        Mounts.unmount(target, true); // of an earlier container that is gone
      }
      prepare(target, source.isDirectory());
      Mounts.bind(found.procPath(), target, Set.of());
    }
  }

  // with the volume's own mode, as upstream; made one by one, as each needs it
  private static void makeMissing(Path volume, String relative) throws IOException {
    if (exists(volume, relative)) {
      return;
    }
    int mode = (Integer) Files.getAttribute(volume, "unix:mode");
    Path prefix = Path.of("");
    for (Path name : Path.of(relative)) {
      prefix = prefix.resolve(name);
      if (!exists(volume, prefix.toString())) {
        try (OpenFd made = SafePath.mkdirBeneath(volume, prefix.toString(), mode & PERMISSIONS)) {
          Files.setAttribute(made.procPath(), "unix:mode", mode & (PERMISSIONS | SETGID));
        }
      }
    }
  }

  private static boolean exists(Path volume, String relative) throws IOException {
    try (OpenFd found = SafePath.openBeneath(volume, relative)) {
      return found.fd() >= 0;
    } catch (KernelException e) {
      if (e.notFound()) {
        return false;
      }
      throw e;
    }
  }

  private static boolean sameFile(BasicFileAttributes source, Path target) throws IOException {
    Object key = source.fileKey();
    BasicFileAttributes mounted =
        Files.readAttributes(target, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return key != null && key.equals(mounted.fileKey());
  }

  private static void prepare(Path target, boolean directory) throws IOException {
    PodDirectories.makeParent(target);
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS) == directory) {
        return;
      }
      Files.delete(target);
    }
    if (directory) {
      PodDirectories.makePrivate(target);
    } else {
      Files.createFile(
          target,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
    }
  }
}
