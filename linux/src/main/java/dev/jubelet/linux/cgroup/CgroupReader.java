package dev.jubelet.linux.cgroup;

import dev.jubelet.linux.ProcFs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads cgroup files. Paths are as in `/proc/<pid>/cgroup`: `/kubepods/…`, below the hierarchy's
/// root. All throw [java.nio.file.NoSuchFileException] when the cgroup is gone.
public sealed interface CgroupReader permits CgroupV1, CgroupV2 {
  Path SYS_FS_CGROUP = Path.of("/sys/fs/cgroup");

  /// The machine's own.
  static CgroupReader detect() {
    return detect(SYS_FS_CGROUP);
  }

  /// Version 2 when the tree's root is a cgroup2 (the unified hierarchy), else 1; a hybrid counts
  /// as
  /// 1, its controllers are there.
  static CgroupReader detect(Path sysFsCgroup) {
    return Files.exists(sysFsCgroup.resolve("cgroup.controllers"))
        ? new CgroupV2(sysFsCgroup)
        : new CgroupV1(sysFsCgroup);
  }

  /// 1 or 2.
  int version();

  /// The path among those of a process ([ProcFs#cgroups]) that the other methods take.
  Optional<String> pathOf(Map<String, String> cgroups);

  /// The cgroup of a process; empty when it is gone.
  default Optional<String> pathOf(long pid) {
    return pathOf(ProcFs.cgroups(pid));
  }

  CpuUsage readCpu(String path) throws IOException;

  MemoryUsage readMemory(String path) throws IOException;

  /// Empty where the kernel does not account swap.
  Optional<SwapUsage> readSwap(String path) throws IOException;

  /// Processes of this cgroup and of those below it.
  List<Long> processes(String path) throws IOException;

  /// How many processes and threads are in it; empty without the pids controller.
  OptionalLong processCount(String path) throws IOException;

  /// @param resource `cpu`, `memory` or `io`; empty on version 1
  Optional<Pressure> pressure(String path, String resource) throws IOException;
}
