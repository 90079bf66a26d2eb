package dev.jubelet.linux.cgroup;

import java.util.OptionalLong;

/// Memory of a cgroup and all below it, in bytes; faults are counts since it was made.
///
/// @param usage with page cache
/// @param workingSet usage without the inactive file cache: what the kubelet evicts by
/// @param rss anonymous memory
/// @param limit empty when there is none
public record MemoryUsage(
    long usage, long workingSet, long rss, long pageFaults, long majorFaults, OptionalLong limit) {

  static MemoryUsage of(
      long usage, long inactiveFile, long rss, long faults, long majorFaults, OptionalLong limit) {
    return new MemoryUsage(
        usage, Math.max(0, usage - inactiveFile), rss, faults, majorFaults, limit);
  }
}
