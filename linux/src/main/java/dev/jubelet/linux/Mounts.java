package dev.jubelet.linux;

import static dev.jubelet.linux.Libc.INT;
import static dev.jubelet.linux.Libc.LONG;
import static dev.jubelet.linux.Libc.POINTER;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Mounts of this process's mount namespace. What touches a file system refuses virtual threads;
/// reading the table does not.
public final class Mounts {
  /// How a bind mount is made.
  public enum Flag {
    /// With the mounts below the source.
    RECURSIVE,
    READ_ONLY,
    /// Propagation; without one it is the parent's.
    PRIVATE,
    SLAVE,
    SHARED
  }

  private static final long MS_RDONLY = 1;
  private static final long MS_NOSUID = 2;
  private static final long MS_NODEV = 4;
  private static final long MS_NOEXEC = 8;
  private static final long MS_REMOUNT = 32;
  private static final long MS_NOATIME = 1024;
  private static final long MS_NODIRATIME = 2048;
  private static final long MS_BIND = 4096;
  private static final long MS_REC = 16384;
  private static final long MS_PRIVATE = 1 << 18;
  private static final long MS_SLAVE = 1 << 19;
  private static final long MS_SHARED = 1 << 20;
  private static final long MS_RELATIME = 1 << 21;
  private static final int MNT_DETACH = 2;
  private static final int UMOUNT_NOFOLLOW = 8;

  private static final Map<String, Long> KEPT = Map.of(
      "nosuid", MS_NOSUID,
      "nodev", MS_NODEV,
      "noexec", MS_NOEXEC,
      "noatime", MS_NOATIME,
      "nodiratime", MS_NODIRATIME,
      "relatime", MS_RELATIME);

  private static final Libc MOUNT = Libc.ofInt("mount", POINTER, POINTER, POINTER, LONG, POINTER);
  private static final Libc UMOUNT2 = Libc.ofInt("umount2", POINTER, INT);

  private Mounts() {}

  /// Binds `source` onto `target`, which must exist.
  public static void bind(Path source, Path target, Set<Flag> flags) throws IOException {
    KernelCalls.refuseVirtualThread("bind");
    String what = source + " on " + target;
    long recursive = flags.contains(Flag.RECURSIVE) ? MS_REC : 0;
    MOUNT.call(what, source, target, MemorySegment.NULL, MS_BIND | recursive, MemorySegment.NULL);
    for (Flag flag : flags) {
      switch (flag) {
        case PRIVATE -> propagate(target, MS_PRIVATE | recursive);
        case SLAVE -> propagate(target, MS_SLAVE | recursive);
        case SHARED -> propagate(target, MS_SHARED | recursive);
        case READ_ONLY -> remountReadOnly(target);
        case RECURSIVE -> {}
      }
    }
  }

  /// A new tmpfs.
  ///
  /// @param sizeBytes its limit; 0 for the kernel's default, half of the memory
  public static void tmpfs(Path target, long sizeBytes, int mode) throws IOException {
    KernelCalls.refuseVirtualThread("tmpfs");
    String size = sizeBytes > 0 ? ",size=" + sizeBytes : "";
    String data = "mode=" + Integer.toOctalString(mode) + size;
    MOUNT.call("tmpfs on " + target, "tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, data);
  }

  /// Unmounts, following no symbolic link at the end of `target`.
  ///
  /// @param lazy detach at once even while it is in use
  /// @throws KernelException `EINVAL` when it is not a mount point
  public static void unmount(Path target, boolean lazy) throws IOException {
    KernelCalls.refuseVirtualThread("unmount");
    UMOUNT2.call(target.toString(), target, UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0));
  }

  /// Makes one mount read-only, keeping its other options; mounts below it stay as they are.
  public static void remountReadOnly(Path target) throws IOException {
    KernelCalls.refuseVirtualThread("remountReadOnly");
    long flags = MS_REMOUNT | MS_BIND | MS_RDONLY;
    Optional<MountEntry> entry = at(target);
    if (entry.isPresent()) {
      for (String option : entry.get().options()) {
        flags |= KEPT.getOrDefault(option, 0L);
      }
    }
    MOUNT.call(
        "read-only on " + target,
        MemorySegment.NULL,
        target,
        MemorySegment.NULL,
        flags,
        MemorySegment.NULL);
  }

  /// Makes a mount point shared.
  public static void makeShared(Path target, boolean recursive) throws IOException {
    KernelCalls.refuseVirtualThread("makeShared");
    propagate(target, MS_SHARED | (recursive ? MS_REC : 0));
  }

  private static void propagate(Path target, long flags) throws IOException {
    MOUNT.call(
        "propagation of " + target,
        MemorySegment.NULL,
        target,
        MemorySegment.NULL,
        flags,
        MemorySegment.NULL);
  }

  /// All mounts, in the kernel's order: where two are on one point, the later one is on top.
  public static List<MountEntry> table() throws IOException {
    return parse(Files.readString(Path.of("/proc/thread-self/mountinfo")));
  }

  /// What the process has mounted at its `/`; empty when it is gone.
  public static Optional<MountEntry> rootOf(long pid) throws IOException {
    try {
      return parse(Files.readString(Path.of("/proc/" + pid + "/mountinfo"))).stream()
          .filter(entry -> entry.target().equals(Path.of("/")))
          .reduce((below, above) -> above);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  static List<MountEntry> parse(String mountinfo) {
    return mountinfo.lines().map(MountEntry::parse).flatMap(Optional::stream).toList();
  }

  /// Whether something is mounted exactly here. Symbolic links are not resolved, so that no file
  /// system is touched.
  public static boolean isMountPoint(Path path) throws IOException {
    return at(path).isPresent();
  }

  /// The mount that holds `path`: the one with the longest matching target, the top one of these.
  public static Optional<MountEntry> holding(Path path) throws IOException {
    return holding(table(), path);
  }

  static Optional<MountEntry> holding(List<MountEntry> table, Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    MountEntry best = null;
    for (MountEntry entry : table) {
      boolean holds = absolute.startsWith(entry.target());
      if (holds
          && (best == null || entry.target().getNameCount() >= best.target().getNameCount())) {
        best = entry;
      }
    }
    return Optional.ofNullable(best);
  }

  private static Optional<MountEntry> at(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    return table().stream().filter(e -> e.target().equals(absolute)).reduce((a, b) -> b);
  }
}
