package dev.jubelet.cli.doctor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Looks again before anything is said: what a pod that comes or goes shows for a moment is no
/// leak. Only what every look showed counts, and there is no end of looking before the machine was
/// still for a while, or the patience is over.
final class Looks {
  private static final int STILL = 3;

  private final Look look;
  private final Given given;
  private final Pause pause;
  private final Duration patience;

  /// One look.
  @FunctionalInterface
  interface Look {
    Seen now() throws Exception;
  }

  /// Waits between two looks.
  @FunctionalInterface
  interface Pause {
    Duration between() throws InterruptedException;
  }

  /// @param pause waits, and says for how long it did
  Looks(Look look, Given given, Pause pause, Duration patience) {
    this.look = look;
    this.given = given;
    this.pause = pause;
    this.patience = patience;
  }

  /// @param pods how many run
  record Result(List<Finding> findings, int pods) {
    Result {
      findings = List.copyOf(findings);
    }

    boolean trouble() {
      return findings.stream().anyMatch(Finding::trouble);
    }
  }

  Result findings() throws Exception {
    Seen seen = look.now();
    List<Finding> all = Leaks.of(seen, given);
    List<Finding> amiss = new ArrayList<>(all.stream().filter(Finding::trouble).toList());
    Duration waited = Duration.ZERO;
    int still = 0;
    while (!amiss.isEmpty() && still < STILL && waited.compareTo(patience) < 0) {
      waited = waited.plus(pause.between());
      Seen next = look.now();
      all = Leaks.of(next, given);
      amiss.retainAll(all);
      still = next.sameAs(seen) ? still + 1 : 0;
      seen = next;
    }
    List<Finding> confirmed = new ArrayList<>(amiss);
    all.stream().filter(finding -> !finding.trouble()).forEach(confirmed::add);
    return new Result(
        confirmed, new Census(seen.containers(), seen.owners()).running().size());
  }
}
