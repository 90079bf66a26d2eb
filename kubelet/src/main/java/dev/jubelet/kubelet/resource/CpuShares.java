package dev.jubelet.kubelet.resource;

import java.time.Duration;

/// CPU quantities in the kernel's terms (upstream `cm.MilliCPUToShares`, `MilliCPUToQuota`).
public final class CpuShares {
  public static final long MIN = 2;
  public static final long MAX = 262_144;

  private static final long MIN_QUOTA_MICROS = 1000;

  private CpuShares() {}

  /// Relative weight: 1024 for a whole CPU.
  public static long ofMilli(long milliCpu) {
    return milliCpu == 0 ? MIN : Math.clamp(milliCpu * 1024 / 1000, MIN, MAX);
  }

  /// Microseconds of CPU per period; 0 means no limit.
  public static long quotaMicros(long milliCpu, Duration period) {
    if (milliCpu == 0) {
      return 0;
    }
    long micros = period.toNanos() / 1000;
    return Math.max(MIN_QUOTA_MICROS, milliCpu * micros / 1000);
  }
}
