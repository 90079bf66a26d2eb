package dev.jubelet.cli.look;

import dev.jubelet.trace.local.v1.ContainerSummary;
import dev.jubelet.trace.local.v1.PodSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/// A pod in a word or two, as `kubectl get pods` would say it.
public final class PodText {
  private static final Set<String> ON_THE_WAY = Set.of("", "ContainerCreating", "PodInitializing");

  private PodText() {}

  public static String status(PodSummary pod) {
    if (pod.getPhase().equals("Succeeded") || pod.getPhase().equals("Failed")) {
      return pod.getReason().isEmpty() ? pod.getPhase() : pod.getReason();
    }
    if (pod.getTerminating()) {
      return "Terminating";
    }
    Optional<String> waiting = pod.getContainersList().stream()
        .filter(c -> c.getState().equals("waiting") && !ON_THE_WAY.contains(c.getReason()))
        .map(ContainerSummary::getReason)
        .findFirst();
    if (waiting.isPresent()) {
      return waiting.get();
    }
    return pod.getReason().isEmpty() ? orUnknown(pod.getPhase()) : pod.getReason();
  }

  /// Running containers of all that should run, init containers left out.
  public static String ready(PodSummary pod) {
    long all = pod.getContainersList().stream()
        .filter(c -> !c.getKind().equals("init"))
        .count();
    long running = pod.getContainersList().stream()
        .filter(c -> !c.getKind().equals("init") && c.getState().equals("running"))
        .count();
    return running + "/" + all;
  }

  public static int restarts(PodSummary pod) {
    return pod.getContainersList().stream()
        .mapToInt(ContainerSummary::getRestartCount)
        .sum();
  }

  /// As kubectl: the two largest units.
  public static String age(Duration age) {
    long seconds = Math.max(0, age.toSeconds());
    if (seconds < 120) {
      return seconds + "s";
    }
    if (seconds < 600) {
      return seconds / 60 + "m" + (seconds % 60 == 0 ? "" : seconds % 60 + "s");
    }
    if (seconds < 3 * 3600) {
      return seconds / 60 + "m";
    }
    return seconds < 48 * 3600 ? seconds / 3600 + "h" : seconds / 86400 + "d";
  }

  /// ns since the epoch.
  public static Instant instant(long nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
  }

  private static String orUnknown(String phase) {
    return phase.isEmpty() ? "Unknown" : phase;
  }
}
