package dev.jubelet.dockershim.docker;

import java.time.Duration;

/// How the Engine API client behaves. `requestTimeout` bounds every short call; it is upstream's
/// `--runtime-request-timeout`, whose 0 means 1m59s: one second under the kubelet's own two
/// minutes,
/// so that the origin of a timeout is recognisable. `maxBodyBytes` bounds one JSON answer,
/// `idleConnections` the kept ones.
public record DockerApiOptions(Duration requestTimeout, int maxBodyBytes, int idleConnections) {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(119);

  public static final DockerApiOptions DEFAULTS = timeout(Duration.ZERO);

  /// The defaults with another request timeout; zero or less means the default one.
  public static DockerApiOptions timeout(Duration requestTimeout) {
    Duration timeout = requestTimeout.isPositive() ? requestTimeout : DEFAULT_TIMEOUT;
    return new DockerApiOptions(timeout, 16 << 20, 16);
  }
}
