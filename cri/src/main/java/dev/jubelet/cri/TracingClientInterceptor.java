package dev.jubelet.cri;

import dev.jubelet.trace.Traces;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A span per unary call that is part of something recorded; the runtime sees it as parent. Calls
/// of the loops that run for ever (relist, stats) have no parent and leave no span. A server of
/// ours
/// tells when it handled the call: the ways there and back are spans too.
public final class TracingClientInterceptor implements ClientInterceptor {
  private final Traces traces;

  public TracingClientInterceptor(Traces traces) {
    this.traces = traces;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    ClientCall<Q, A> call = next.newCall(method, options);
    if (method.getType() != MethodType.UNARY || !Span.current().getSpanContext().isValid()) {
      return call;
    }
    return new Traced<>(call, Objects.requireNonNullElse(method.getBareMethodName(), "call"));
  }

  private final class Traced<Q, A> extends SimpleForwardingClientCall<Q, A> {
    private final String name;
    private @Nullable Span span;

    Traced(ClientCall<Q, A> call, String name) {
      super(call);
      this.name = name;
    }

    @Override
    public void start(Listener<A> listener, Metadata headers) {
      Instant begin = Instant.now();
      Span started =
          traces.tracer().spanBuilder(name).setAttribute(Traces.KIND, "rpc").startSpan();
      span = started;
      TraceMetadata.inject(started, headers);
      super.start(
          new SimpleForwardingClientCallListener<A>(listener) {
            @Override
            public void onClose(Status status, Metadata trailers) {
              ways(started, begin, TraceMetadata.handled(trailers));
              CallSpans.end(started, status);
              super.onClose(status, trailers);
            }
          },
          headers);
    }

    private void ways(Span call, Instant begin, List<Instant> handled) {
      if (!handled.isEmpty()) {
        try (Scope _ = call.makeCurrent()) {
          traces.past("wire", "to the runtime", begin, handled.getFirst());
          traces.past("wire", "back from the runtime", handled.getLast(), Instant.now());
        }
      }
    }

    @Override
    public void sendMessage(Q message) {
      if (span != null) {
        CallSpans.describe(span, message);
      }
      super.sendMessage(message);
    }
  }
}
