package dev.jubelet.kubelet.explain;

import dev.jubelet.kubelet.cri.PodStatus.ContainerStatus;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.runtime.plan.ContainerKind;
import dev.jubelet.kubelet.sync.RefusedPod;
import dev.jubelet.kubelet.worker.PodStage;
import dev.jubelet.kubelet.worker.PodView;
import dev.jubelet.trace.SpanStore;
import dev.jubelet.trace.local.v1.ContainerSummary;
import dev.jubelet.trace.local.v1.PodSummary;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A pod in a few fields, as the local protocol shows it.
final class Summaries {
  private final SpanStore spans;

  Summaries(SpanStore spans) {
    this.spans = spans;
  }

  PodSummary of(PodView view) {
    PodSummary.Builder out = PodSummary.newBuilder()
        .setUid(view.id().uid())
        .setName(view.id().name())
        .setNamespace(view.id().namespace())
        .setPhase(view.phase().isEmpty() ? "Pending" : view.phase())
        .setTerminating(view.ending() && view.stage() != PodStage.TERMINATED)
        .addAllOpenSteps(spans.openSteps(view.id().uid()));
    view.observed().ips().stream().findFirst().ifPresent(out::setIp);
    view.pod().ifPresent(pod -> describe(out, pod, view));
    view.status().ifPresent(status -> {
      out.setReason(text(status.getReason())).setMessage(text(status.getMessage()));
      if (!text(status.getPodIP()).isEmpty()) {
        out.setIp(status.getPodIP());
      }
    });
    return out.build();
  }

  /// A pod that was not let in.
  PodSummary of(RefusedPod refused) {
    FrozenPod pod = refused.pod();
    return PodSummary.newBuilder()
        .setUid(pod.uid())
        .setName(pod.name())
        .setNamespace(pod.namespace())
        .setSource(pod.source())
        .setSeenAt(nanos(pod.firstSeen()))
        .setPhase(refused.rejected() ? "Failed" : "Pending")
        .setReason(refused.reason())
        .setMessage(refused.message())
        .build();
  }

  private static void describe(PodSummary.Builder out, FrozenPod pod, PodView view) {
    out.setSource(pod.source()).setSeenAt(nanos(pod.firstSeen()));
    Stream.concat(pod.initContainers().stream(), pod.containers().stream())
        .map(container -> container(pod, container, view))
        .forEach(out::addContainers);
  }

  private static ContainerSummary container(FrozenPod pod, Container container, PodView view) {
    String name = container.getName();
    ContainerSummary.Builder out = ContainerSummary.newBuilder()
        .setName(name)
        .setKind(ContainerKind.of(pod, name).label())
        .setState("waiting")
        .setImage(text(container.getImage()));
    apiStatus(view, name).ifPresent(status -> {
      Integer restarts = status.getRestartCount();
      out.setRestartCount(restarts == null ? 0 : restarts);
      state(out, status.getState());
    });
    Optional<ContainerStatus> newest = view.observed().newest(name);
    if (newest.isPresent()) {
      ContainerStatus seen = newest.get();
      out.setContainerId(seen.id()).setLogPath(seen.logPath());
      seen.startedAt().ifPresent(at -> out.setStartedAt(nanos(at)));
      seen.finishedAt().ifPresent(at -> out.setFinishedAt(nanos(at)));
    }
    return out.build();
  }

  /// The API's view of a container; empty before the pod's first sync.
  static Optional<io.fabric8.kubernetes.api.model.ContainerStatus> apiStatus(
      PodView view, String name) {
    if (view.status().isEmpty()) {
      return Optional.empty();
    }
    var status = view.status().get();
    return Stream.concat(
            orEmpty(status.getInitContainerStatuses()).stream(),
            orEmpty(status.getContainerStatuses()).stream())
        .filter(c -> name.equals(c.getName()))
        .findFirst();
  }

  private static void state(ContainerSummary.Builder out, @Nullable ContainerState state) {
    if (state == null) {
      return;
    }
    if (state.getRunning() != null) {
      out.setState("running");
    } else if (state.getTerminated() != null) {
      var ended = state.getTerminated();
      Integer code = ended.getExitCode();
      out.setState("terminated")
          .setReason(text(ended.getReason()))
          .setMessage(text(ended.getMessage()))
          .setExitCode(code == null ? 0 : code);
    } else if (state.getWaiting() != null) {
      out.setReason(text(state.getWaiting().getReason()))
          .setMessage(text(state.getWaiting().getMessage()));
    }
  }

  static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
