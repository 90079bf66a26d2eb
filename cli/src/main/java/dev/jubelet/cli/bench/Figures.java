package dev.jubelet.cli.bench;

import java.util.Arrays;

/// One burst of pods: seconds from the beginning (floor: the pod's first call; agent: its
/// manifest's
/// rename) to its container's start.
///
/// @param sorted one figure for each pod, ascending
/// @param wallSeconds from the first begin to the last start
@SuppressWarnings("ArrayRecordComponent") // copied on the way in, never handed out
record Figures(double[] sorted, double wallSeconds) {
  Figures {
    sorted = sorted.clone();
    Arrays.sort(sorted);
  }

  int pods() {
    return sorted.length;
  }

  double quantile(double q) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[Math.min(sorted.length - 1, (int) (q * sorted.length))];
  }

  double median() {
    return quantile(0.5);
  }

  double last() {
    return quantile(1);
  }
}
