package dev.jubelet.dockershim.stats;

import dev.jubelet.cri.v1.ContainerStats;
import dev.jubelet.cri.v1.CpuUsage;
import dev.jubelet.cri.v1.IoUsage;
import dev.jubelet.cri.v1.MemoryUsage;
import dev.jubelet.cri.v1.PsiData;
import dev.jubelet.cri.v1.PsiStats;
import dev.jubelet.cri.v1.SwapUsage;
import dev.jubelet.cri.v1.UInt64Value;
import dev.jubelet.linux.cgroup.CgroupReader;
import dev.jubelet.linux.cgroup.Pressure;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a running container uses, read from its cgroup's files: no Docker call. CPU per second
/// comes from two looks at least 100 ms apart, so the first answer for a container lacks it.
public final class ContainerStatsReader {
  private static final Logger log = LoggerFactory.getLogger(ContainerStatsReader.class);
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
  private static final Duration LONGEST_INTERVAL = Duration.ofMinutes(10);
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final CgroupReader cgroups;
  private final LongFunction<Optional<String>> cgroupOfPid;
  private final WritableLayers layers;
  private final Clock clock;
  private final Map<String, Sample> samples = new ConcurrentHashMap<>();

  /// @param rate empty until a second look
  private record Sample(Instant at, long cpuNanos, Optional<Long> rate) {}

  public ContainerStatsReader() {
    this(CgroupReader.detect(), Clock.systemUTC());
  }

  private ContainerStatsReader(CgroupReader cgroups, Clock clock) {
    this(cgroups, cgroups::pathOf, new WritableLayers(clock), clock);
  }

  ContainerStatsReader(
      CgroupReader cgroups,
      LongFunction<Optional<String>> cgroupOfPid,
      WritableLayers layers,
      Clock clock) {
    this.cgroups = cgroups;
    this.cgroupOfPid = cgroupOfPid;
    this.layers = layers;
    this.clock = clock;
  }

  /// Sets cpu, memory, swap, the writable layer and, on cgroup v2, pressure. What cannot be read
  /// (the container just ended)
  /// stays unset.
  ///
  /// @param pid the container's first process, as inspect tells it
  public void fill(String id, long pid, ContainerStats.Builder stats) {
    if (pid <= 0) {
      return;
    }
    Optional<String> path = cgroupOfPid.apply(pid);
    if (path.isEmpty()) {
      return;
    }
    try {
      stats.setCpu(cpu(id, path.get()));
      stats.setMemory(memory(path.get()));
      swap(path.get()).ifPresent(stats::setSwap);
      cgroups
          .pressure(path.get(), "io")
          .map(ContainerStatsReader::psi)
          .ifPresent(psi -> stats.setIo(
              IoUsage.newBuilder().setTimestamp(nanos(clock.instant())).setPsi(psi)));
      layers.of(id, pid).ifPresent(stats::setWritableLayer);
    } catch (IOException e) {
      log.debug("no stats of container {}: {}", id, e.toString());
    }
  }

  private CpuUsage cpu(String id, String path) throws IOException {
    Instant now = clock.instant();
    long nanos = cgroups.readCpu(path).nanos();
    if (!samples.containsKey(id)) { // of containers that ended
      samples.values().removeIf(old -> old.at().isBefore(now.minus(LONGEST_INTERVAL)));
    }
    CpuUsage.Builder usage =
        CpuUsage.newBuilder().setTimestamp(nanos(now)).setUsageCoreNanoSeconds(value(nanos));
    sample(id, now, nanos).ifPresent(rate -> usage.setUsageNanoCores(value(rate)));
    cgroups.pressure(path, "cpu").map(ContainerStatsReader::psi).ifPresent(usage::setPsi);
    return usage.build();
  }

  private Optional<Long> sample(String id, Instant now, long nanos) {
    Sample sample = samples.compute(id, (key, old) -> {
      Duration since = old == null ? Duration.ZERO : Duration.between(old.at(), now);
      // first look, another cgroup, or the host's clock was set back
      if (old == null || nanos < old.cpuNanos() || since.isNegative()) {
        return new Sample(now, nanos, Optional.empty());
      }
      if (since.compareTo(SHORTEST_INTERVAL) < 0) {
        return old; // two callers at once: too short to divide by
      }
      double perSecond = (double) (nanos - old.cpuNanos()) * NANOS_PER_SECOND / since.toNanos();
      return new Sample(now, nanos, Optional.of(Math.round(perSecond)));
    });
    return sample.rate();
  }

  private MemoryUsage memory(String path) throws IOException {
    dev.jubelet.linux.cgroup.MemoryUsage read = cgroups.readMemory(path);
    MemoryUsage.Builder usage = MemoryUsage.newBuilder()
        .setTimestamp(nanos(clock.instant()))
        .setUsageBytes(value(read.usage()))
        .setWorkingSetBytes(value(read.workingSet()))
        .setRssBytes(value(read.rss()))
        .setPageFaults(value(read.pageFaults()))
        .setMajorPageFaults(value(read.majorFaults()));
    read.limit()
        .ifPresent(limit -> usage.setAvailableBytes(value(Math.max(0, limit - read.workingSet()))));
    cgroups.pressure(path, "memory").map(ContainerStatsReader::psi).ifPresent(usage::setPsi);
    return usage.build();
  }

  private Optional<SwapUsage> swap(String path) throws IOException {
    return cgroups.readSwap(path).map(read -> {
      SwapUsage.Builder usage = SwapUsage.newBuilder()
          .setTimestamp(nanos(clock.instant()))
          .setSwapUsageBytes(value(read.usage()));
      read.limit()
          .ifPresent(
              limit -> usage.setSwapAvailableBytes(value(Math.max(0, limit - read.usage()))));
      return usage.build();
    });
  }

  private static PsiStats psi(Pressure pressure) {
    return PsiStats.newBuilder()
        .setSome(psi(pressure.some()))
        .setFull(psi(pressure.full()))
        .build();
  }

  private static PsiData psi(Pressure.Stall stall) {
    return PsiData.newBuilder()
        .setTotal(stall.totalMicros() * 1000)
        .setAvg10(stall.avg10())
        .setAvg60(stall.avg60())
        .setAvg300(stall.avg300())
        .build();
  }

  private static UInt64Value value(long value) {
    return UInt64Value.newBuilder().setValue(value).build();
  }

  private static long nanos(Instant at) {
    return at.getEpochSecond() * NANOS_PER_SECOND + at.getNano();
  }
}
