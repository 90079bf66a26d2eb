package dev.jubelet.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The design's bars, and which of them one run missed.
final class Bars {
  static final double ONE_POD = 1.15;
  static final double BURST = 1.12;
  static final double MEDIAN_OF_LAST = 0.55;
  static final double CPU_SECONDS_100 = 6;
  static final double PSS_EMPTY = 105;
  static final double PSS_100 = 130;
  static final double IDLE_CORES = 0.01;
  static final double LOG_CORES = 0.1;
  static final double TEARDOWN_SECONDS_100 = 15;

  private final List<String> missed = new ArrayList<>();

  void atMost(String what, double measured, double bar) {
    if (!(measured <= bar)) {
      missed.add(String.format(Locale.ROOT, "%s: %.3f, the bar is %.3f", what, measured, bar));
    }
  }

  /// For what must have been there to be measured.
  void atLeast(String what, double measured, double bar) {
    if (!(measured >= bar)) {
      missed.add(String.format(Locale.ROOT, "%s: %.0f, at least %.0f needed", what, measured, bar));
    }
  }

  List<String> missed() {
    return List.copyOf(missed);
  }
}
