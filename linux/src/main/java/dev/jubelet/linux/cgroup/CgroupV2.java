package dev.jubelet.linux.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Version 2: one hierarchy, `<root>/<path>`.
final class CgroupV2 implements CgroupReader {
  private static final long NANOS_PER_MICRO = 1000;

  private final Path root;

  CgroupV2(Path root) {
    this.root = root;
  }

  @Override
  public int version() {
    return 2;
  }

  @Override
  public Optional<String> pathOf(Map<String, String> cgroups) {
    return Optional.ofNullable(cgroups.get(""));
  }

  @Override
  public CpuUsage readCpu(String path) throws IOException {
    Map<String, Long> stat = CgroupFiles.table(directory(path).resolve("cpu.stat"));
    return new CpuUsage(stat.getOrDefault("usage_usec", 0L) * NANOS_PER_MICRO);
  }

  @Override
  public MemoryUsage readMemory(String path) throws IOException {
    Path directory = directory(path);
    Map<String, Long> stat = CgroupFiles.table(directory.resolve("memory.stat"));
    return MemoryUsage.of(
        usage(directory, stat),
        stat.getOrDefault("inactive_file", 0L),
        stat.getOrDefault("anon", 0L),
        stat.getOrDefault("pgfault", 0L),
        stat.getOrDefault("pgmajfault", 0L),
        limit(directory.resolve("memory.max")));
  }

  // The root cgroup has no memory.current.
  private static long usage(Path directory, Map<String, Long> stat) throws IOException {
    OptionalLong current = CgroupFiles.optionalNumber(directory.resolve("memory.current"));
    return current.orElse(stat.getOrDefault("anon", 0L) + stat.getOrDefault("file", 0L));
  }

  @Override
  public Optional<SwapUsage> readSwap(String path) throws IOException {
    Path directory = directory(path);
    OptionalLong current = CgroupFiles.optionalNumber(directory.resolve("memory.swap.current"));
    return current.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new SwapUsage(current.getAsLong(), limit(directory.resolve("memory.swap.max"))));
  }

  private static OptionalLong limit(Path file) throws IOException {
    try {
      String text = Files.readString(file).strip();
      return text.equals("max") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public List<Long> processes(String path) throws IOException {
    return CgroupFiles.processes(directory(path));
  }

  @Override
  public OptionalLong processCount(String path) throws IOException {
    return CgroupFiles.optionalNumber(directory(path).resolve("pids.current"));
  }

  @Override
  public Optional<Pressure> pressure(String path, String resource) throws IOException {
    return Pressure.read(directory(path).resolve(resource + ".pressure"));
  }

  private Path directory(String path) {
    return CgroupFiles.below(root, path);
  }
}
