package dev.jubelet.kubelet;

import dev.jubelet.kubelet.cri.RuntimeHealth;
import dev.jubelet.kubelet.pleg.Pleg;
import dev.jubelet.kubelet.sync.SyncLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// What `/healthz` says.
record HealthCheck(SyncLoop loop, Pleg pleg, RuntimeHealth runtime, Duration syncFrequency)
    implements Supplier<List<String>> {
  private static final Duration LONGEST_TURN = Duration.ofMinutes(5);
  private static final Duration LONGEST_WITHOUT_LIST = Duration.ofMinutes(3);

  @Override
  public List<String> get() {
    List<String> problems = new ArrayList<>();
    Duration twice = syncFrequency.multipliedBy(2);
    Duration limit = twice.compareTo(LONGEST_TURN) > 0 ? twice : LONGEST_TURN;
    if (loop.turnAge().compareTo(limit) > 0) {
      problems.add("sync loop: its turn has taken " + loop.turnAge().toSeconds() + " s");
    }
    if (loop.alive() && pleg.sinceRelist().compareTo(LONGEST_WITHOUT_LIST) > 0) {
      problems.add("pleg was last seen active "
          + pleg.sinceRelist().toSeconds()
          + " s ago; threshold is 180 s");
    }
    runtime.problem().ifPresent(problems::add);
    return problems;
  }
}
