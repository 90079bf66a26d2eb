package dev.jubelet.cli.run;

import dev.jubelet.cli.Failure;
import dev.jubelet.cli.look.BrokenPipeException;
import dev.jubelet.trace.local.LocalClient;
import dev.jubelet.trace.local.v1.GetTraceResponse;
import dev.jubelet.trace.local.v1.ListPodsResponse;
import dev.jubelet.trace.local.v1.PodRef;
import dev.jubelet.trace.local.v1.PodSummary;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// One foreground run: shows its pods until all have ended or somebody interrupts, then removes
/// them.
final class RunSession {
  static final int INTERRUPTED = 130;

  /// What a shell shows for a program that SIGPIPE ended.
  static final int BROKEN_PIPE = 141;

  private static final Duration TICK = Duration.ofMillis(100);
  private static final Duration QUIET_TICK = Duration.ofMillis(250);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final LocalClient agent;
  private final List<String> uids;
  private final Screen screen;
  private final PodWatch watch;
  private final AtomicInteger interrupts;
  private final Map<String, PodProgress> pods = new LinkedHashMap<>();
  private Optional<String> firstFailure = Optional.empty();

  /// @param interrupts how often somebody asked to end; may grow
  RunSession(LocalClient agent, List<String> uids, Screen screen, AtomicInteger interrupts) {
    this.agent = agent;
    this.uids = List.copyOf(uids);
    this.screen = screen;
    this.interrupts = interrupts;
    this.watch = new PodWatch(agent);
  }

  /// Until the end; gives the exit code.
  int show() throws Failure, IOException, InterruptedException {
    try (watch;
        PodLogs logs = new PodLogs(screen)) {
      while (interrupts.get() == 0) {
        boolean news = step(logs);
        if (allEnded()) {
          logs.finish();
          return finished();
        }
        watch.await(news || !allSettled() ? TICK : QUIET_TICK);
      }
      return interrupted(logs);
    } catch (BrokenPipeException e) {
      new Removal(agent, uids).run(Removal.OWN_GRACE, () -> interrupts.get() > 0);
      return BROKEN_PIPE;
    }
  }

  private boolean step(PodLogs logs) throws Failure, IOException {
    watch.latest().ifPresent(this::take);
    pods.values().forEach(pod -> logs.follow(pod.pod(), uids.size() == 1));
    boolean news = logs.print();
    for (PodProgress pod : pods.values()) {
      if (!pod.settled()) {
        show(pod);
      }
      say(pod);
    }
    screen.block(block());
    return news;
  }

  private void take(ListPodsResponse list) {
    for (PodSummary summary : list.getPodsList()) {
      if (uids.contains(summary.getUid())) {
        PodProgress pod = pods.computeIfAbsent(summary.getUid(), _ -> new PodProgress(summary));
        pod.seen(summary);
        if (pod.failed() && firstFailure.isEmpty()) {
          firstFailure = Optional.of(pod.failure());
        }
      }
    }
    watch.missing(uids, list).forEach(pods::remove);
  }

  /// The tree of a start that is under way.
  private void show(PodProgress pod) {
    trace(pod).ifPresent(pod::seen);
    if (!screen.live()) {
      screen.say(pod.newSteps());
    }
    if (pod.settlesNow()) {
      screen.say(screen.live() ? pod.block() : List.of(pod.head()));
      if (pod.ended()) {
        pod.newStatus(); // the head has said it
      }
    }
  }

  private void say(PodProgress pod) {
    if (pod.settled() || !screen.live()) {
      String status = pod.newStatus();
      if (!status.isEmpty()) {
        screen.say(status);
      }
    }
  }

  private Optional<StartTree> trace(PodProgress pod) {
    try {
      GetTraceResponse trace = agent
          .within(ANSWER)
          .getTrace(PodRef.newBuilder().setPod(pod.pod().getUid()).build());
      Instant now = Instant.now();
      return Optional.of(StartTree.of(
          trace.getSpansList(), now.getEpochSecond() * 1_000_000_000L + now.getNano()));
    } catch (StatusRuntimeException e) {
      return Optional.empty();
    }
  }

  private List<String> block() {
    List<String> lines = new ArrayList<>();
    pods.values().stream().filter(p -> !p.settled()).forEach(p -> lines.addAll(p.block()));
    return lines;
  }

  private boolean allSettled() {
    return !pods.isEmpty() && pods.values().stream().allMatch(PodProgress::settled);
  }

  private boolean allEnded() {
    return watch.sawAll(uids) && pods.values().stream().allMatch(PodProgress::ended);
  }

  private int finished() throws Failure, InterruptedException {
    screen.block(List.of());
    new Removal(agent, uids).run(Removal.OWN_GRACE, () -> interrupts.get() > 0);
    firstFailure.ifPresent(screen::say);
    return firstFailure.isPresent() ? 1 : 0;
  }

  private int interrupted(PodLogs logs) throws Failure, IOException, InterruptedException {
    screen.block(List.of());
    screen.say("removing "
        + (uids.size() == 1 ? "the pod" : uids.size() + " pods")
        + "; once more ends at once");
    int before = interrupts.get();
    new Removal(agent, uids).run(Removal.OWN_GRACE, () -> interrupts.get() > before);
    logs.finish();
    return INTERRUPTED;
  }
}
