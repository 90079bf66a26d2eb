package dev.jubelet.linux;

import static dev.jubelet.linux.Libc.LONG;
import static dev.jubelet.linux.Libc.POINTER;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;

/// Sizes of the file system that holds a path, in bytes and inodes.
///
/// @param availableBytes what a process without privileges may still write
/// @param fsType `ext4`, `xfs`, `overlay`, …, or its magic number in hex
public record StatVfs(
    long totalBytes, long availableBytes, long totalInodes, long freeInodes, String fsType) {
  // struct statfs of 64-bit Linux
  private static final long STATFS_BYTES = 120;
  private static final long BLOCKS = 16;
  private static final long AVAILABLE = 32;
  private static final long FILES = 40;
  private static final long FREE_FILES = 48;
  private static final long FRAGMENT_SIZE = 72;

  private static final Map<Long, String> NAMES = Map.ofEntries(
      Map.entry(0xEF53L, "ext4"),
      Map.entry(0x58465342L, "xfs"),
      Map.entry(0x9123683EL, "btrfs"),
      Map.entry(0x794C7630L, "overlay"),
      Map.entry(0x01021994L, "tmpfs"),
      Map.entry(0x6969L, "nfs"),
      Map.entry(0x2FC12FC1L, "zfs"),
      Map.entry(0x65735546L, "fuse"),
      Map.entry(0x9FA0L, "proc"),
      Map.entry(0x63677270L, "cgroup2"),
      Map.entry(0x27E0EBL, "cgroup"));

  private static final Libc STATFS = Libc.ofInt("statfs", POINTER, POINTER);

  public static StatVfs of(Path path) throws IOException {
    KernelCalls.refuseVirtualThread("statvfs");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment s = arena.allocate(STATFS_BYTES, 8);
      STATFS.call(path.toString(), path, s);
      long unit = s.get(LONG, FRAGMENT_SIZE);
      long magic = s.get(LONG, 0) & 0xFFFFFFFFL;
      return new StatVfs(
          s.get(LONG, BLOCKS) * unit,
          s.get(LONG, AVAILABLE) * unit,
          s.get(LONG, FILES),
          s.get(LONG, FREE_FILES),
          NAMES.getOrDefault(magic, "0x" + Long.toHexString(magic)));
    }
  }
}
