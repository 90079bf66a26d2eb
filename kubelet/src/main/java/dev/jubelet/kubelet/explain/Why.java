package dev.jubelet.kubelet.explain;

import dev.jubelet.kubelet.event.Events;
import dev.jubelet.kubelet.status.WaitingReason;
import dev.jubelet.kubelet.sync.RefusedPod;
import dev.jubelet.kubelet.worker.PodStage;
import dev.jubelet.kubelet.worker.PodView;
import dev.jubelet.trace.local.v1.EventLine;
import dev.jubelet.trace.local.v1.OpenStep;
import dev.jubelet.trace.local.v1.PodSummary;
import dev.jubelet.trace.local.v1.WhyResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Answers what a pod waits for: the step that is under way, else the reason of a container that
/// waits, else what its worker waits for. Pure but for the events that it is given.
final class Why {
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
      return out.setAnswer(pod + " has ended: " + summary.getPhase());
    }
    waiting.nextTry().ifPresent(at -> out.setNextTry(Summaries.nanos(at)));
    Optional<Map.Entry<String, WaitingReason>> reason =
        view.reasons().entrySet().stream().sorted(Map.Entry.comparingByKey()).findFirst();
    if (reason.isPresent()) {
      WaitingReason why = reason.get().getValue();
      if (out.getLastError().isEmpty()) {
        out.setLastError(why.message());
      }
      return out.setAnswer("%s: container %s waits, %s: %s"
              .formatted(pod, reason.get().getKey(), why.reason(), why.message()))
          .setSince(Summaries.nanos(waiting.since()));
    }
    if (waiting.what().isEmpty()) {
      return out.setNextTry(0).setAnswer(pod + " waits for nothing: it is " + summary.getPhase());
    }
    return out.setAnswer("%s waits for %s".formatted(pod, waiting.what()))
        .setSince(Summaries.nanos(waiting.since()));
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
