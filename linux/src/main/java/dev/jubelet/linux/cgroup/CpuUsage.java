package dev.jubelet.linux.cgroup;

/// CPU time that a cgroup used since it was made, in nanoseconds of one core.
public record CpuUsage(long nanos) {}
