package dev.jubelet.cli.doctor;

import dev.jubelet.cli.doctor.Census.Member;
import dev.jubelet.dockershim.docker.DockerApi.ContainerSummary;
import dev.jubelet.dockershim.naming.Labels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// Containers: ours that belong to no pod, pods that there are twice, processes whose container is
/// gone; and those of others. Pure.
final class ContainerCheck {
  private final Seen seen;
  private final Census census;
  private final Given given;
  private final List<Finding> findings = new ArrayList<>();

  ContainerCheck(Seen seen, Census census, Given given) {
    this.seen = seen;
    this.census = census;
    this.given = given;
  }

  List<Finding> findings() {
    for (Member member : census.ours()) {
      if (member.isSandbox()) {
        sandbox(member);
      } else {
        container(member);
      }
    }
    twice(m -> m.isSandbox() ? m.pod() : "", "sandbox", "another sandbox of pod %s runs too");
    twice(
        m -> m.isSandbox() ? "" : m.name().uid() + " " + m.name().container(),
        "container",
        "another container of that name of pod %s runs too");
    census
        .probes()
        .forEach(probe -> leak(
            "container",
            probe.id(),
            "a shim's probe of the engine, which was cut short: " + Census.name(probe)));
    processes();
    others();
    return findings;
  }

  private void sandbox(Member sandbox) {
    if (sandbox.runs() || census.uids(Member::runs).contains(sandbox.name().uid())) {
      return;
    }
    for (Home home : seen.homes()) {
      boolean forgotten = home.owner().equals(sandbox.owner())
          && home.pods().isPresent()
          && !home.hasPod(sandbox.name().uid());
      if (forgotten) {
        leak(
            "sandbox",
            sandbox.id(),
            "%s of pod %s has ended, and the pod has no directory below %s"
                .formatted(sandbox.name(), sandbox.pod(), home.place().pods()));
      }
    }
  }

  private void container(Member container) {
    if (container.runs() && !census.runs(container.sandboxId())) {
      leak(
          "container",
          container.id(),
          "%s of pod %s runs without its sandbox %s"
              .formatted(
                  container.name().container(),
                  container.pod(),
                  Finding.brief(container.sandboxId())));
    } else if (!container.runs()
        && !census.uids(sandbox -> true).contains(container.name().uid())) {
      leak(
          "container",
          container.id(),
          "%s of pod %s has no sandbox any more"
              .formatted(container.name().container(), container.pod()));
    }
  }

  /// All but the newest of those that run under one key.
  private void twice(Function<Member, String> key, String kind, String why) {
    Map<String, List<Member>> running = new HashMap<>();
    census.ours().stream()
        .filter(Member::runs)
        .filter(member -> !key.apply(member).isEmpty())
        .forEach(
            m -> running.computeIfAbsent(key.apply(m), k -> new ArrayList<>()).add(m));
    for (List<Member> same : running.values()) {
      same.sort(Comparator.comparing((Member m) -> m.container().created())
          .thenComparingInt(m -> m.name().attempt()));
      same.removeLast();
      same.forEach(old -> leak(kind, old.id(), why.formatted(old.pod())));
    }
  }

  private void processes() {
    Set<String> known = new HashSet<>();
    for (Home home : seen.homes()) {
      known.addAll(home.checkpoints().values());
      known.addAll(home.logCheckpoints().values());
    }
    seen.joined().stream()
        .filter(entry -> seen.owners().contains(entry.owner()))
        .forEach(entry -> known.add(entry.sandboxId()));
    seen.processes().forEach((pid, id) -> {
      if (known.contains(id) && !census.exists(id)) {
        findings.add(Finding.leak(
            "process",
            String.valueOf(pid),
            "runs in container " + Finding.brief(id) + ", which the engine has no more",
            "kill -9 " + pid));
      }
    });
  }

  private void others() {
    for (Member member : census.otherPods()) {
      String whose = member.owner().isEmpty()
          ? "made by dockershim or cri-dockerd"
          : "made by another root of ours, owner " + member.owner();
      findings.add(Finding.foreign(
          member.isSandbox() ? "sandbox" : "container", member.id(), member.name() + ", " + whose));
    }
    for (ContainerSummary container : census.plain()) {
      boolean imitates = seen.owners().contains(container.labels().getOrDefault(Labels.OWNER, ""));
      findings.add(Finding.foreign(
          "container",
          container.id(),
          Census.name(container)
              + (imitates
                  ? ", has our label from its image %s, and not a pod's name"
                      .formatted(container.image())
                  : ", of no pod")));
    }
  }

  private void leak(String kind, String id, String why) {
    findings.add(Finding.leak(kind, id, why, given.removal(id)));
  }
}
