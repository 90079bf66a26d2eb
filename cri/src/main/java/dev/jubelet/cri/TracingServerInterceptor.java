package dev.jubelet.cri;

import dev.jubelet.cri.v1.PodSandboxMetadata;
import dev.jubelet.trace.Traces;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A span per call that belongs to a pod's start or end: below the caller's span when the caller
/// sent one, else (a foreign kubelet) by itself, with the pod's uid. The handler runs with the span
/// current. Calls that loops make for ever are recorded only below a caller's span.
public final class TracingServerInterceptor implements ServerInterceptor {

  /// Recorded even without a caller's span.
  private static final Set<String> OF_A_POD = Set.of(
      "RunPodSandbox",
      "StopPodSandbox",
      "RemovePodSandbox",
      "CreateContainer",
      "StartContainer",
      "StopContainer",
      "RemoveContainer",
      "PullImage");

  private final Traces traces;
  private final PodOfId pods = new PodOfId();

  public TracingServerInterceptor(Traces traces) {
    this.traces = traces;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String name =
        Objects.requireNonNullElse(call.getMethodDescriptor().getBareMethodName(), "call");
    Context caller = TraceMetadata.extract(headers);
    boolean hasParent = Span.fromContext(caller).getSpanContext().isValid();
    if (call.getMethodDescriptor().getType() != MethodType.UNARY
        || !(hasParent || OF_A_POD.contains(name))) {
      return next.startCall(call, headers);
    }
    Span span = traces
        .tracer()
        .spanBuilder(name)
        .setParent(caller)
        .setAttribute(Traces.KIND, "shim")
        .startSpan();
    TracedCall<Q, A> traced = new TracedCall<>(call, span);
    Context context = caller.with(span);
    try (Scope _ = context.makeCurrent()) {
      return new TracedListener<>(next.startCall(traced, headers), context, span, traced);
    }
  }

  private final class TracedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final Span span;
    private final Instant begin = Instant.now();
    private volatile @Nullable PodSandboxMetadata pod;

    TracedCall(ServerCall<Q, A> call, Span span) {
      super(call);
      this.span = span;
    }

    void request(Object message) {
      CallSpans.describe(span, message);
      PodSandboxMetadata found = pods.find(message).orElse(null);
      if (found != null) {
        pod = found;
        span.setAttribute(Traces.POD_UID, found.getUid());
        span.setAttribute(Traces.POD_NAMESPACE, found.getNamespace());
        span.setAttribute(Traces.POD_NAME, found.getName());
      }
    }

    @Override
    public void sendMessage(A message) {
      pods.learn(pod, message);
      super.sendMessage(message);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      CallSpans.end(span, status);
      TraceMetadata.handled(begin, Instant.now(), trailers);
      super.close(status, trailers);
    }
  }

  /// Makes the call's context current around the handler, which runs in one of these.
  private static final class TracedListener<Q, A> extends SimpleForwardingServerCallListener<Q> {
    private final Context context;
    private final Span span;
    private final TracingServerInterceptor.TracedCall<Q, A> call;

    TracedListener(
        ServerCall.Listener<Q> delegate,
        Context context,
        Span span,
        TracingServerInterceptor.TracedCall<Q, A> call) {
      super(delegate);
      this.context = context;
      this.span = span;
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      call.request(message);
      try (Scope _ = context.makeCurrent()) {
        super.onMessage(message);
      }
    }

    @Override
    public void onHalfClose() {
      try (Scope _ = context.makeCurrent()) {
        super.onHalfClose();
      }
    }

    @Override
    public void onCancel() {
      CallSpans.end(span, Status.CANCELLED.withDescription("the caller went away"));
      try (Scope _ = context.makeCurrent()) {
        super.onCancel();
      }
    }
  }
}
