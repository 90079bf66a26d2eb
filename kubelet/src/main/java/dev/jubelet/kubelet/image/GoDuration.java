package dev.jubelet.kubelet.image;

import java.math.BigDecimal;
import java.time.Duration;

/// Durations as upstream's events print them: whole milliseconds in Go's form (`1m2.5s`, `340ms`).
final class GoDuration {
  private GoDuration() {}

  static String text(Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1000) {
      return millis == 0 ? "0s" : millis + "ms";
    }
    String seconds =
        BigDecimal.valueOf(millis % 60_000, 3).stripTrailingZeros().toPlainString() + "s";
    long minutes = millis / 60_000;
    String hours = minutes >= 60 ? minutes / 60 + "h" : "";
    return hours + (minutes > 0 ? minutes % 60 + "m" : "") + seconds;
  }
}
