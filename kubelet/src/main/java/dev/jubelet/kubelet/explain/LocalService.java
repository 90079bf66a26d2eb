package dev.jubelet.kubelet.explain;

import dev.jubelet.kubelet.event.Events;
import dev.jubelet.kubelet.sync.RefusedPod;
import dev.jubelet.kubelet.sync.SyncLoop;
import dev.jubelet.kubelet.worker.PodStage;
import dev.jubelet.kubelet.worker.PodView;
import dev.jubelet.kubelet.worker.PodWorkers;
import dev.jubelet.trace.SpanStore;
import dev.jubelet.trace.local.v1.GetTraceResponse;
import dev.jubelet.trace.local.v1.InfoRequest;
import dev.jubelet.trace.local.v1.InfoResponse;
import dev.jubelet.trace.local.v1.ListPodsRequest;
import dev.jubelet.trace.local.v1.ListPodsResponse;
import dev.jubelet.trace.local.v1.LocalGrpc;
import dev.jubelet.trace.local.v1.PodRef;
import dev.jubelet.trace.local.v1.PodSummary;
import dev.jubelet.trace.local.v1.RemovePodsRequest;
import dev.jubelet.trace.local.v1.RemovePodsResponse;
import dev.jubelet.trace.local.v1.RunPodsRequest;
import dev.jubelet.trace.local.v1.RunPodsResponse;
import dev.jubelet.trace.local.v1.SpanRecord;
import dev.jubelet.trace.local.v1.WhyResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The agent's side of the local protocol: what `jubelet ps`, `trace`, `why`, `run` and `rm` ask.
/// Each call runs on a thread of its own and may wait.
public final class LocalService extends LocalGrpc.LocalImplBase {
  private static final Duration LEAST_PAUSE = Duration.ofMillis(100);

  private final InfoResponse info;
  private final PodWorkers workers;
  private final SyncLoop loop;
  private final SpanStore spans;
  private final Events events;
  private final HandedOver source;
  private final Changes changes;
  private final Supplier<Optional<String>> runtimeProblem;
  private final Summaries summaries;

  /// @param runtimeProblem why the runtime is not well; empty when it is
  public LocalService(
      InfoResponse info,
      PodWorkers workers,
      SyncLoop loop,
      SpanStore spans,
      Events events,
      HandedOver source,
      Changes changes,
      Supplier<Optional<String>> runtimeProblem) {
    this.info = info;
    this.workers = workers;
    this.loop = loop;
    this.spans = spans;
    this.events = events;
    this.source = source;
    this.changes = changes;
    this.runtimeProblem = runtimeProblem;
    this.summaries = new Summaries(spans);
    spans.onChange(changes::tell);
  }

  @Override
  public void info(InfoRequest request, StreamObserver<InfoResponse> out) {
    out.onNext(info);
    out.onCompleted();
  }

  @Override
  public void listPods(ListPodsRequest request, StreamObserver<ListPodsResponse> out) {
    out.onNext(list());
    out.onCompleted();
  }

  @Override
  public void watchPods(ListPodsRequest request, StreamObserver<ListPodsResponse> out) {
    watch(
        out,
        last -> {
          ListPodsResponse now = list();
          return now.equals(last) ? Optional.empty() : Optional.of(now);
        },
        _ -> false);
  }

  @Override
  public void getTrace(PodRef request, StreamObserver<GetTraceResponse> out) {
    answer(out, () -> {
      PodSummary pod = find(request.getPod()).orElse(null);
      String uid = pod == null ? request.getPod() : pod.getUid();
      List<SpanRecord> recorded = spans.spansOf(uid);
      if (pod == null && recorded.isEmpty()) {
        throw unknown(request.getPod());
      }
      GetTraceResponse.Builder response = GetTraceResponse.newBuilder().addAllSpans(recorded);
      if (pod != null) {
        response.setPod(pod);
      }
      return response.build();
    });
  }

  @Override
  public void why(PodRef request, StreamObserver<WhyResponse> out) {
    answer(out, () -> {
      PodSummary pod = find(request.getPod()).orElseThrow(() -> unknown(request.getPod()));
      List<Events.Event> seen = events.of(pod.getUid());
      for (PodView view : workers.views()) {
        if (view.id().uid().equals(pod.getUid())) {
          return Why.of(view, pod, seen, runtimeProblem.get());
        }
      }
      RefusedPod refused = loop.refused().stream()
          .filter(r -> r.pod().uid().equals(pod.getUid()))
          .findFirst()
          .orElseThrow(() -> unknown(request.getPod()));
      return Why.of(refused, pod, seen);
    });
  }

  @Override
  public void runPods(RunPodsRequest request, StreamObserver<RunPodsResponse> out) {
    answer(out, () -> {
      HandedOver.Answer taken = source.run(request.getManifestsList());
      return RunPodsResponse.newBuilder()
          .addAllUids(taken.uids())
          .addAllProblems(taken.problems())
          .build();
    });
  }

  @Override
  public void removePods(RemovePodsRequest request, StreamObserver<RemovePodsResponse> out) {
    Set<String> uids = new LinkedHashSet<>();
    try {
      for (String name : request.getPodsList()) {
        PodSummary pod = find(name).orElseThrow(() -> unknown(name));
        if (!pod.getSource().equals("run")) {
          throw Status.FAILED_PRECONDITION
              .withDescription("pod %s/%s came by %s, remove it there"
                  .formatted(pod.getNamespace(), pod.getName(), pod.getSource()))
              .asRuntimeException();
        }
        uids.add(pod.getUid());
      }
    } catch (StatusRuntimeException e) {
      out.onError(e);
      return;
    }
    Optional<Duration> grace = request.getGraceSeconds() < 0
        ? Optional.empty()
        : Optional.of(Duration.ofSeconds(request.getGraceSeconds()));
    uids.forEach(uid -> loop.remove(uid, grace));
    source.remove(uids);
    watch(
        out,
        last -> {
          RemovePodsResponse now = remaining(uids);
          return now.equals(last) ? Optional.empty() : Optional.of(now);
        },
        now -> now.getRemainingCount() == 0);
  }

  private RemovePodsResponse remaining(Set<String> uids) {
    return RemovePodsResponse.newBuilder()
        .addAllRemaining(
            list().getPodsList().stream().filter(p -> uids.contains(p.getUid())).toList())
        .build();
  }

  private interface Next<T> {
    Optional<T> after(@Nullable T last);
  }

  /// Sends the first answer and every other one, until `done` or until the watcher goes.
  private <T> void watch(StreamObserver<T> out, Next<T> next, Predicate<T> done) {
    var call = (ServerCallStreamObserver<T>) out;
    T last = null;
    try {
      while (!call.isCancelled()) {
        long seen = changes.count();
        Optional<T> now = next.after(last);
        if (now.isPresent()) {
          last = now.get();
          out.onNext(last);
          if (done.test(last)) {
            break;
          }
        }
        Thread.sleep(LEAST_PAUSE);
        changes.awaitAfter(seen);
      }
      out.onCompleted();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      out.onError(Status.UNAVAILABLE.withDescription("the agent ends").asRuntimeException());
    }
  }

  private interface Answer<T> {
    T get();
  }

  private static <T> void answer(StreamObserver<T> out, Answer<T> answer) {
    T response;
    try {
      response = answer.get();
    } catch (StatusRuntimeException e) {
      out.onError(e);
      return;
    }
    out.onNext(response);
    out.onCompleted();
  }

  private ListPodsResponse list() {
    ListPodsResponse.Builder all = ListPodsResponse.newBuilder();
    workers.views().stream()
        .filter(view -> view.stage() != PodStage.GONE)
        .map(summaries::of)
        .forEach(all::addPods);
    loop.refused().stream().map(summaries::of).forEach(all::addPods);
    return all.build();
  }

  /// By UID, `namespace/name` or name; else by a beginning that fits one pod only.
  private Optional<PodSummary> find(String ref) {
    List<PodSummary> all = list().getPodsList();
    for (PodSummary pod : all) {
      if (pod.getUid().equals(ref) || fullName(pod).equals(ref)) {
        return Optional.of(pod);
      }
    }
    List<PodSummary> fitting = new ArrayList<>();
    all.stream().filter(pod -> pod.getName().equals(ref)).forEach(fitting::add);
    if (fitting.isEmpty() && !ref.isEmpty()) {
      all.stream().filter(pod -> startsWith(pod, ref)).forEach(fitting::add);
    }
    if (fitting.size() > 1) {
      throw Status.INVALID_ARGUMENT
          .withDescription("\"%s\" fits several pods: %s"
              .formatted(
                  ref,
                  String.join(", ", fitting.stream().map(LocalService::fullName).toList())))
          .asRuntimeException();
    }
    return fitting.stream().findFirst();
  }

  private static boolean startsWith(PodSummary pod, String ref) {
    return pod.getName().startsWith(ref)
        || fullName(pod).startsWith(ref)
        || pod.getUid().startsWith(ref);
  }

  private static String fullName(PodSummary pod) {
    return pod.getNamespace() + "/" + pod.getName();
  }

  private StatusRuntimeException unknown(String ref) {
    Status status = loop.alive()
        ? Status.NOT_FOUND.withDescription("no pod \"" + ref + "\" here, see jubelet ps")
        : Status.FAILED_PRECONDITION.withDescription(
            "the agent has not begun, so it does not know of pod \"" + ref + "\" yet: "
                + runtimeProblem.get().orElse("it waits for the runtime to list its pods"));
    return status.asRuntimeException();
  }
}
