package dev.jubelet.dockershim.grpc;

import static dev.jubelet.dockershim.grpc.Answers.unary;

import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.pods.PodSummaries;
import dev.jubelet.dockershim.pods.Pods;
import dev.jubelet.dockershim.state.ContainerState;
import dev.jubelet.trace.SpanStore;
import dev.jubelet.trace.local.v1.GetTraceResponse;
import dev.jubelet.trace.local.v1.InfoRequest;
import dev.jubelet.trace.local.v1.InfoResponse;
import dev.jubelet.trace.local.v1.ListPodsRequest;
import dev.jubelet.trace.local.v1.ListPodsResponse;
import dev.jubelet.trace.local.v1.LocalGrpc;
import dev.jubelet.trace.local.v1.OpenStep;
import dev.jubelet.trace.local.v1.PodRef;
import dev.jubelet.trace.local.v1.PodSummary;
import dev.jubelet.trace.local.v1.SpanRecord;
import dev.jubelet.trace.local.v1.WhyResponse;
import io.grpc.stub.StreamObserver;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// `ps`, `trace` and `why` from the shim alone: most people keep their kubelet.
public final class ShimLocalService extends LocalGrpc.LocalImplBase {
  private final InfoResponse info;
  private final Pods pods;
  private final PodSummaries summaries;
  private final SpanStore spans;
  private final ContainerState state;

  /// @param info what `Info` answers
  public ShimLocalService(
      InfoResponse info, Pods pods, PodSummaries summaries, SpanStore spans, ContainerState state) {
    this.info = info;
    this.pods = pods;
    this.summaries = summaries;
    this.spans = spans;
    this.state = state;
  }

  @Override
  public void info(InfoRequest request, StreamObserver<InfoResponse> observer) {
    unary("Info", observer, () -> info);
  }

  @Override
  public void listPods(ListPodsRequest request, StreamObserver<ListPodsResponse> observer) {
    unary(
        "ListPods",
        observer,
        () -> ListPodsResponse.newBuilder().addAllPods(summaries.of(pods.all())).build());
  }

  @Override
  public void getTrace(PodRef request, StreamObserver<GetTraceResponse> observer) {
    unary("GetTrace", observer, () -> trace(request.getPod()));
  }

  @Override
  public void why(PodRef request, StreamObserver<WhyResponse> observer) {
    unary("Why", observer, () -> why(request.getPod()));
  }

  private GetTraceResponse trace(String ref) throws DockerException {
    Optional<PodSummary> pod = find(ref);
    List<SpanRecord> recorded = spans.spansOf(pod.map(PodSummary::getUid).orElse(ref));
    if (recorded.isEmpty()) {
      throw CriException.notFound("no start of pod \"" + ref + "\" was recorded by this shim");
    }
    GetTraceResponse.Builder answer = GetTraceResponse.newBuilder().addAllSpans(recorded);
    pod.ifPresent(answer::setPod);
    return answer.build();
  }

  private WhyResponse why(String ref) throws DockerException {
    PodSummary pod =
        find(ref).orElseThrow(() -> CriException.notFound("pod \"" + ref + "\" not found"));
    WhyResponse.Builder answer = WhyResponse.newBuilder().setPod(pod);
    spans.spansOf(pod.getUid()).stream()
        .filter(s -> !s.getError().isEmpty())
        .max(Comparator.comparingLong(SpanRecord::getEnd))
        .ifPresent(s -> answer.setLastError(s.getName() + ": " + s.getError()));
    Optional<OpenStep> step = pod.getOpenStepsList().reversed().stream().findFirst();
    Optional<ContainerState.Outage> outage = state.outage();
    if (outage.isPresent()) {
      return answer
          .setAnswer("the Docker Engine does not answer: " + outage.get().message())
          .setSince(TimeUnit.MILLISECONDS.toNanos(outage.get().since().toEpochMilli()))
          .build();
    }
    return step.map(s ->
            answer.setAnswer("waits for " + s.getName() + described(s)).setSince(s.getStartedAt()))
        .orElseGet(() ->
            answer.setAnswer("the shim has nothing under way for it; the pod is " + pod.getPhase()))
        .build();
  }

  private static String described(OpenStep step) {
    return step.getDetail().isEmpty() ? "" : " (" + step.getDetail() + ")";
  }

  /// By name, namespace/name, uid or a unique beginning of one of them.
  private Optional<PodSummary> find(String ref) throws DockerException {
    List<PodSummary> all = summaries.of(pods.all());
    List<PodSummary> exact = all.stream()
        .filter(
            p -> p.getUid().equals(ref) || p.getName().equals(ref) || full(p).equals(ref))
        .toList();
    List<PodSummary> found = exact.isEmpty()
        ? all.stream()
            .filter(p -> p.getUid().startsWith(ref)
                || p.getName().startsWith(ref)
                || full(p).startsWith(ref))
            .toList()
        : exact;
    if (ref.isEmpty() || found.size() > 1) {
      throw CriException.invalid("\"" + ref + "\" may be any of "
          + found.stream().map(ShimLocalService::full).toList());
    }
    return found.stream().findFirst();
  }

  private static String full(PodSummary pod) {
    return pod.getNamespace() + "/" + pod.getName();
  }
}
