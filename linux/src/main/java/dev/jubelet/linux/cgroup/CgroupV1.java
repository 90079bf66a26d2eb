package dev.jubelet.linux.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Version 1: a hierarchy per controller, `<root>/<controller>/<path>`.
final class CgroupV1 implements CgroupReader {
  private static final long UNLIMITED = Long.MAX_VALUE / 2; // the kernel writes about 2^63 - 4096

  private final Path root;

  CgroupV1(Path root) {
    this.root = root;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public Optional<String> pathOf(Map<String, String> cgroups) {
    return Optional.ofNullable(cgroups.getOrDefault("memory", cgroups.get("cpuacct")));
  }

  @Override
  public CpuUsage readCpu(String path) throws IOException {
    return new CpuUsage(CgroupFiles.number(directory("cpuacct", path).resolve("cpuacct.usage")));
  }

  @Override
  public MemoryUsage readMemory(String path) throws IOException {
    Path directory = directory("memory", path);
    Map<String, Long> stat = CgroupFiles.table(directory.resolve("memory.stat"));
    long limit = stat.getOrDefault("hierarchical_memory_limit", Long.MAX_VALUE);
    return MemoryUsage.of(
        CgroupFiles.number(directory.resolve("memory.usage_in_bytes")),
        stat.getOrDefault("total_inactive_file", 0L),
        stat.getOrDefault("total_rss", 0L),
        stat.getOrDefault("total_pgfault", 0L),
        stat.getOrDefault("total_pgmajfault", 0L),
        limit >= UNLIMITED ? OptionalLong.empty() : OptionalLong.of(limit));
  }

  /// Version 1 counts memory and swap together.
  @Override
  public Optional<SwapUsage> readSwap(String path) throws IOException {
    Path directory = directory("memory", path);
    OptionalLong both =
        CgroupFiles.optionalNumber(directory.resolve("memory.memsw.usage_in_bytes"));
    if (both.isEmpty()) {
      return Optional.empty();
    }
    long memory = CgroupFiles.number(directory.resolve("memory.usage_in_bytes"));
    Map<String, Long> stat = CgroupFiles.table(directory.resolve("memory.stat"));
    long limit = stat.getOrDefault("hierarchical_memsw_limit", Long.MAX_VALUE)
        - stat.getOrDefault("hierarchical_memory_limit", 0L);
    boolean unlimited = stat.getOrDefault("hierarchical_memsw_limit", Long.MAX_VALUE) >= UNLIMITED;
    return Optional.of(new SwapUsage(
        Math.max(0, both.getAsLong() - memory),
        unlimited ? OptionalLong.empty() : OptionalLong.of(Math.max(0, limit))));
  }

  @Override
  public List<Long> processes(String path) throws IOException {
    return CgroupFiles.processes(directory("memory", path));
  }

  @Override
  public OptionalLong processCount(String path) throws IOException {
    return CgroupFiles.optionalNumber(directory("pids", path).resolve("pids.current"));
  }

  @Override
  public Optional<Pressure> pressure(String path, String resource) {
    return Optional.empty();
  }

  // Two controllers may share a mount, `cpu,cpuacct`, with or without links for the single names.
  private Path directory(String controller, String path) {
    Path single = root.resolve(controller);
    boolean joined = controller.equals("cpuacct") && !Files.isDirectory(single);
    return CgroupFiles.below(joined ? root.resolve("cpu,cpuacct") : single, path);
  }
}
