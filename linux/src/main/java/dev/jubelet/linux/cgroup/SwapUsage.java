package dev.jubelet.linux.cgroup;

import java.util.OptionalLong;

/// Swap of a cgroup and all below it, in bytes.
///
/// @param limit empty when there is none
public record SwapUsage(long usage, OptionalLong limit) {}
