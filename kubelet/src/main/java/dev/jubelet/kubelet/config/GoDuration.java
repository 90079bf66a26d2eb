package dev.jubelet.kubelet.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Go's way to write a duration: `1h30m`, `1.5s`, `100ms`, `0`.
final class GoDuration {
  private static final Pattern WHOLE =
      Pattern.compile("[-+]?(0|([0-9]{1,12}(\\.[0-9]{1,12})?(ns|us|µs|ms|s|m|h))+)");
  private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ns|us|µs|ms|s|m|h)");
  private static final Map<String, Long> NANOS = Map.of(
      "ns", 1L,
      "us", 1_000L,
      "µs", 1_000L,
      "ms", 1_000_000L,
      "s", 1_000_000_000L,
      "m", 60_000_000_000L,
      "h", 3_600_000_000_000L);

  private GoDuration() {}

  /// @throws IllegalArgumentException when it is none, or passes what Go can hold (292 years)
  static Duration parse(String text) {
    if (!WHOLE.matcher(text).matches()) {
      throw new IllegalArgumentException("must be a duration such as 20s, 1m30s or 100ms");
    }
    BigDecimal nanos = BigDecimal.ZERO;
    Matcher parts = PART.matcher(text);
    while (parts.find()) {
      long unit = NANOS.getOrDefault(parts.group(2), 0L);
      nanos = nanos.add(new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(unit)));
    }
    if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException("must be a duration of less than 292 years");
    }
    long signed = text.startsWith("-") ? -nanos.longValue() : nanos.longValue();
    return Duration.ofNanos(signed);
  }
}
