package dev.jubelet.dockershim.pods;

import dev.jubelet.dockershim.docker.DockerApi.ContainerInspect;
import dev.jubelet.dockershim.naming.Labels;
import dev.jubelet.trace.SpanStore;
import dev.jubelet.trace.local.v1.ContainerSummary;
import dev.jubelet.trace.local.v1.PodSummary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// The pods as `ps` shows them when there is only a shim: each by its newest sandbox, with what is
/// under way for it now.
public final class PodSummaries {
  private final SpanStore spans;
  private final Function<Member, List<String>> ips;

  /// @param ips the addresses of a sandbox
  public PodSummaries(SpanStore spans, Function<Member, List<String>> ips) {
    this.spans = spans;
    this.ips = ips;
  }

  public List<PodSummary> of(List<Member> members) {
    Map<String, Member> newest = new HashMap<>();
    members.stream()
        .filter(Member::isSandbox)
        .forEach(s -> newest.merge(s.name().uid(), s, PodSummaries::newer));
    return newest.values().stream()
        .sorted(Comparator.comparing((Member s) -> s.name().namespace())
            .thenComparing(s -> s.name().pod()))
        .map(s -> summary(s, containers(s, members)))
        .toList();
  }

  private static Member newer(Member a, Member b) {
    return a.name().attempt() >= b.name().attempt() ? a : b;
  }

  /// The newest container of each name.
  private static List<Member> containers(Member sandbox, List<Member> members) {
    Map<String, Member> newest = new HashMap<>();
    members.stream()
        .filter(m -> !m.isSandbox() && m.name().uid().equals(sandbox.name().uid()))
        .forEach(c -> newest.merge(c.name().container(), c, PodSummaries::newer));
    return newest.values().stream()
        .sorted(Comparator.comparing(c -> c.name().container()))
        .toList();
  }

  private PodSummary summary(Member sandbox, List<Member> containers) {
    PodSummary.Builder pod = PodSummary.newBuilder()
        .setUid(sandbox.name().uid())
        .setName(sandbox.name().pod())
        .setNamespace(sandbox.name().namespace())
        .setPhase(phase(sandbox, containers))
        .setSeenAt(nanos(Optional.of(sandbox.inspect().created())))
        .addAllOpenSteps(spans.openSteps(sandbox.name().uid()));
    ips.apply(sandbox).stream().findFirst().ifPresent(pod::setIp);
    containers.forEach(c -> pod.addContainers(container(c)));
    return pod.build();
  }

  static String phase(Member sandbox, List<Member> containers) {
    List<ContainerInspect> states = new ArrayList<>();
    containers.forEach(c -> states.add(c.inspect()));
    if (states.stream().anyMatch(ContainerInspect::running)) {
      return "Running";
    }
    boolean ended =
        !states.isEmpty() && states.stream().allMatch(s -> s.finishedAt().isPresent());
    if (ended && !sandbox.inspect().running()) {
      return states.stream().allMatch(s -> s.exitCode() == 0) ? "Succeeded" : "Failed";
    }
    return "Pending";
  }

  private static ContainerSummary container(Member container) {
    ContainerInspect inspect = container.inspect();
    return ContainerSummary.newBuilder()
        .setName(container.name().container())
        .setKind("regular")
        .setState(state(inspect))
        .setExitCode(inspect.exitCode())
        .setMessage(inspect.error())
        .setRestartCount(container.name().attempt())
        .setContainerId(container.id())
        .setImage(inspect.image())
        .setLogPath(inspect.labels().getOrDefault(Labels.LOG_PATH, ""))
        .setStartedAt(nanos(inspect.startedAt()))
        .setFinishedAt(nanos(inspect.finishedAt()))
        .build();
  }

  private static String state(ContainerInspect inspect) {
    if (inspect.running()) {
      return "running";
    }
    return inspect.startedAt().isPresent() ? "terminated" : "waiting";
  }

  private static long nanos(Optional<Instant> time) {
    return time.map(t -> TimeUnit.SECONDS.toNanos(t.getEpochSecond()) + t.getNano())
        .orElse(0L);
  }
}
