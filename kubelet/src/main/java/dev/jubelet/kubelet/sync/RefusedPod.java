package dev.jubelet.kubelet.sync;

import dev.jubelet.kubelet.pod.FrozenPod;
import java.time.Instant;

/// A pod that was not let in.
///
/// @param rejected false when it only waits for another to go
public record RefusedPod(
    FrozenPod pod, boolean rejected, String reason, String message, Instant since) {}
