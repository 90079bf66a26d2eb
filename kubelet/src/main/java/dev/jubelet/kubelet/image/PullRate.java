package dev.jubelet.kubelet.image;

/// Upstream's token bucket of `registryPullQPS` and `registryBurst`. A pull that finds it empty
/// fails at once, and backs off.
final class PullRate {
  private final double perNano;
  private final int burst;
  private double tokens;
  private long filledAt;

  /// @param qps 0 for no limit
  /// @param now [System#nanoTime()]
  PullRate(int qps, int burst, long now) {
    this.perNano = qps / 1e9;
    this.burst = burst;
    this.tokens = burst;
    this.filledAt = now;
  }

  synchronized boolean allows(long now) {
    if (perNano == 0) {
      return true;
    }
    tokens = Math.min(burst, tokens + (now - filledAt) * perNano);
    filledAt = now;
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }
}
