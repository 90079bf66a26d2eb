package dev.jubelet.kubelet.explain;

import dev.jubelet.kubelet.event.Events;
import dev.jubelet.kubelet.status.WaitingReason;
import dev.jubelet.kubelet.sync.RefusedPod;
import dev.jubelet.kubelet.worker.PodStage;
import dev.jubelet.kubelet.worker.PodView;
import dev.jubelet.trace.local.v1.ContainerSummary;
import dev.jubelet.trace.local.v1.EventLine;
import dev.jubelet.trace.local.v1.OpenStep;
import dev.jubelet.trace.local.v1.PodSummary;
import dev.jubelet.trace.local.v1.WhyResponse;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Answers what a pod waits for: the step that is under way, else the reason of a container that
/// waits, else what its worker waits for. Pure but for the events that it is given.
final class Why {
  // Of a termination message's first line, which may have 4 KiB.
  private static final int LONGEST = 200;

  private Why() {}

  static WhyResponse of(RefusedPod refused, PodSummary summary, List<Events.Event> events) {
    String verb = refused.rejected() ? "was rejected" : "waits";
    return WhyResponse.newBuilder()
        .setPod(summary)
        .setAnswer("pod %s %s: %s".formatted(name(summary), verb, refused.message()))
        .setSince(Summaries.nanos(refused.since()))
        .addAllEvents(lines(events))
        .build();
  }

  /// @param runtime why the runtime is not well; what a pod waits for may be no more than that
  static WhyResponse of(
      PodView view, PodSummary summary, List<Events.Event> events, Optional<String> runtime) {
    WhyResponse.Builder out = of(view, summary, events);
    runtime.ifPresent(problem -> out.setAnswer(out.getAnswer() + "; " + problem));
    return out.build();
  }

  private static WhyResponse.Builder of(
      PodView view, PodSummary summary, List<Events.Event> events) {
    WhyResponse.Builder out = WhyResponse.newBuilder().setPod(summary).addAllEvents(lines(events));
    PodView.Waiting waiting = view.waiting();
    waiting.lastError().ifPresent(out::setLastError);
    String pod = "pod " + name(summary);
    List<OpenStep> steps = underWay(summary);
    if (!steps.isEmpty()) {
      OpenStep step = steps.getLast();
      String detail = step.getDetail().isEmpty() ? "" : " (" + step.getDetail() + ")";
      return out.setAnswer("%s is at \"%s\"%s".formatted(pod, path(steps), detail))
          .setSince(step.getStartedAt());
    }
    if (view.stage() == PodStage.TERMINATED) {
      return out.setAnswer(pod + " has ended: " + summary.getPhase() + failures(summary));
    }
    waiting.nextTry().ifPresent(at -> out.setNextTry(Summaries.nanos(at)));
    Optional<Map.Entry<String, WaitingReason>> reason =
        view.reasons().entrySet().stream().sorted(Map.Entry.comparingByKey()).findFirst();
    if (reason.isPresent()) {
      String container = reason.get().getKey();
      WaitingReason why = reason.get().getValue();
      if (out.getLastError().isEmpty()) {
        out.setLastError(why.message());
      }
      return out.setAnswer("%s: container %s waits, %s: %s%s"
              .formatted(pod, container, why.reason(), why.message(), lastRun(view, container)))
          .setSince(Summaries.nanos(waiting.since()));
    }
    if (waiting.what().isEmpty()) {
      return out.setNextTry(0).setAnswer(pod + " waits for nothing: it is " + summary.getPhase());
    }
    return out.setAnswer("%s waits for %s".formatted(pod, waiting.what()))
        .setSince(Summaries.nanos(waiting.since()));
  }

  /// How a container that waits ended before, as the API has it: what it waits for is mostly no
  /// more than the consequence.
  private static String lastRun(PodView view, String container) {
    return Summaries.apiStatus(view, container)
        .map(ContainerStatus::getLastState)
        .map(ContainerState::getTerminated)
        .map(ended -> "; its last run ended with "
            + end(ended.getExitCode(), ended.getReason(), ended.getMessage()))
        .orElse("");
  }

  /// Why a pod that has ended did not end well: its own reason, and its containers that failed.
  private static String failures(PodSummary summary) {
    StringBuilder text = new StringBuilder();
    if (!summary.getReason().isEmpty()) {
      text.append(", ").append(summary.getReason());
    }
    if (!summary.getMessage().isEmpty()) {
      text.append(": ").append(summary.getMessage());
    }
    for (ContainerSummary container : summary.getContainersList()) {
      if (container.getState().equals("terminated") && container.getExitCode() != 0) {
        text.append("; container %s ended with ".formatted(container.getName()))
            .append(end(container.getExitCode(), container.getReason(), container.getMessage()));
      }
    }
    return text.toString();
  }

  private static String end(
      @Nullable Integer exitCode, @Nullable String reason, @Nullable String message) {
    String said = message == null ? "" : message.strip().lines().findFirst().orElse("");
    return "exit code %d%s%s"
        .formatted(
            exitCode == null ? 0 : exitCode,
            reason == null || reason.isEmpty() ? "" : " (" + reason + ")",
            said.isEmpty() ? "" : ": " + said.substring(0, Math.min(said.length(), LONGEST)));
  }

  /// Without the span that says that the worker itself waits: the worker knows more about it.
  private static List<OpenStep> underWay(PodSummary summary) {
    return summary.getOpenStepsList().stream()
        .filter(step -> !step.getName().startsWith(PodView.WAIT_SPAN))
        .toList();
  }

  private static String path(List<OpenStep> steps) {
    return String.join(" › ", steps.stream().map(OpenStep::getName).toList());
  }

  private static String name(PodSummary summary) {
    return summary.getNamespace() + "/" + summary.getName();
  }

  private static List<EventLine> lines(List<Events.Event> events) {
    return events.stream()
        .map(e -> EventLine.newBuilder()
            .setType(e.type())
            .setReason(e.reason())
            .setFirstSeen(Summaries.nanos(e.first()))
            .setLastSeen(Summaries.nanos(e.last()))
            .setCount(e.count())
            .setFieldPath(e.fieldPath())
            .setMessage(e.message())
            .build())
        .toList();
  }
}
