package dev.jubelet.kubelet.gc;

import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatus.ContainerStatus;
import dev.jubelet.kubelet.cri.PodStatus.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Which dead containers stay. Pure. One that could not be started, and was made anew since, is
/// dead too.
///
/// The newest instance of a container stays where upstream removes it too (`total` below the number
/// of containers): it says whether the container is to be started again.
///
/// @param perContainer dead instances of one name in a pod; negative for all
/// @param total dead instances in all pods; negative for all
/// @param minimumAge younger ones stay anyhow
public record KeptContainers(int perContainer, int total, Duration minimumAge) {
  /// A dead container, and where it stands.
  ///
  /// @param nth among the dead of its name, the newest is the first
  /// @param newest whether no other instance of its name is younger, dead or not
  private record Dead(ContainerStatus container, int nth, boolean newest) {
    Instant since() {
      return container.finishedAt().orElse(container.createdAt());
    }
  }

  /// Ids of those of one pod that go.
  ///
  /// @param all every pod of the runtime, asked only when `total` limits them
  public Set<String> surplus(PodStatus pod, Supplier<Collection<PodStatus>> all, Instant now) {
    List<Dead> own = dead(pod).stream().filter(d -> oldEnough(d.since(), now)).toList();
    Set<String> surplus = new HashSet<>();
    own.stream()
        .filter(d -> perContainer >= 0 && d.nth > perContainer)
        .forEach(d -> surplus.add(d.container.id()));
    if (total >= 0) {
      Set<String> beyond = beyondTotal(all.get(), now);
      own.stream()
          .filter(d -> !d.newest && beyond.contains(d.container.id()))
          .forEach(d -> surplus.add(d.container.id()));
    }
    return surplus;
  }

  /// Whether what is dead since then may go; sandboxes, too. Without a minimum no clock counts: it
  /// may have been set back.
  boolean oldEnough(Instant since, Instant now) {
    return minimumAge.isZero() || since.isBefore(now.minus(minimumAge));
  }

  /// First so many of each container that all fit, but one at least; then the oldest go.
  private Set<String> beyondTotal(Collection<PodStatus> all, Instant now) {
    List<Dead> dead = all.stream()
        .flatMap(pod -> dead(pod).stream())
        .filter(d -> oldEnough(d.since(), now))
        .filter(d -> perContainer < 0 || d.nth <= perContainer)
        .toList();
    if (dead.size() <= total) {
      return Set.of();
    }
    long units = dead.stream().filter(d -> d.nth == 1).count();
    long each = Math.max(1, total / Math.max(1, units));
    Set<String> beyond = dead.stream()
        .filter(d -> d.nth > each)
        .map(d -> d.container.id())
        .collect(Collectors.toSet());
    dead.stream()
        .filter(d -> d.nth <= each)
        .sorted(Comparator.comparing(Dead::since))
        .limit(Math.max(0, dead.size() - beyond.size() - total))
        .forEach(d -> beyond.add(d.container.id()));
    return beyond;
  }

  /// The dead of one pod; its containers come newest first.
  private static List<Dead> dead(PodStatus pod) {
    Map<String, Integer> seen = new HashMap<>();
    Map<String, Integer> counted = new HashMap<>();
    return pod.containers().stream()
        .map(c -> {
          boolean newest = seen.merge(c.name(), 1, Integer::sum) == 1;
          boolean dead = c.state() == State.EXITED || (c.state() == State.CREATED && !newest);
          int nth = dead ? counted.merge(c.name(), 1, Integer::sum) : 0;
          return new Dead(c, nth, newest);
        })
        .filter(d -> d.nth > 0)
        .toList();
  }
}
