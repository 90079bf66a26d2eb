package dev.jubelet.kubelet;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.util.Optional;

/// What the process around the agent decides.
///
/// @param runtimeEndpoint `unix:///…`: the configured one, or the embedded shim's
/// @param imageEndpoint usually the same
/// @param embedded whether this very process serves both
/// @param localSocket where `ps`, `why`, `run`… are answered; empty for nowhere
/// @param ephemeral started by `jubelet run`
/// @param logFile where the process logs; empty for its stderr
/// @param metrics shown on the read-only port
public record KubeletOptions(
    String runtimeEndpoint,
    String imageEndpoint,
    boolean embedded,
    Optional<Path> localSocket,
    boolean ephemeral,
    Optional<Path> logFile,
    String version,
    PrometheusRegistry metrics) {}
