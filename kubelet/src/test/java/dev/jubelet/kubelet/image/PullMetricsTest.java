package dev.jubelet.kubelet.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PullMetricsTest {
  /// The pairs of upstream's own test, and the borders.
  @ParameterizedTest
  @CsvSource({
    "0, N/A",
    "1, 0-10MB",
    "5242880, 0-10MB",
    "10485760, 0-10MB",
    "10485761, 10MB-100MB",
    "524288000, 100MB-500MB",
    "16106127360, 10GB-20GB",
    "214748364800, GT100GB",
    "-1, GT100GB"
  })
  void sizesAreUpstreams(long bytes, String label) {
    assertThat(PullMetrics.size(bytes)).isEqualTo(label);
  }
}
