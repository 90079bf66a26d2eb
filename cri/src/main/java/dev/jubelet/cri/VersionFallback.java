package dev.jubelet.cri;

import dev.jubelet.cri.v1.RuntimeServiceGrpc;
import dev.jubelet.cri.v1.VersionRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Deadline;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.util.concurrent.TimeUnit;

/// Finds out which name the runtime knows, by asking Version under v1 and, when that is
/// UNIMPLEMENTED, under v1alpha2. It is asked before the first call, and again after an answer that
/// another runtime behind the same socket could have given.
final class VersionFallback implements ClientInterceptor {
  private static final long ASK_SECONDS = 10;

  private enum Known {
    NOTHING,
    V1,
    V1ALPHA2
  }

  private volatile Known known = Known.NOTHING;

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    if (known == Known.NOTHING) {
      known = ask(options, next);
    }
    MethodDescriptor<Q, A> named = known == Known.V1ALPHA2 ? CriNames.asV1Alpha2(method) : method;
    return new SimpleForwardingClientCall<Q, A>(next.newCall(named, options)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        super.start(
            new SimpleForwardingClientCallListener<A>(listener) {
              @Override
              public void onClose(Status status, Metadata trailers) {
                forgetAfter(status);
                super.onClose(status, trailers);
              }
            },
            headers);
      }
    };
  }

  private void forgetAfter(Status status) {
    switch (status.getCode()) {
      case UNIMPLEMENTED, UNAVAILABLE -> known = Known.NOTHING;
      default -> {}
    }
  }

  /// The caller's own call tells what is wrong when neither name answers.
  private static Known ask(CallOptions options, Channel next) {
    Deadline limit = Deadline.after(ASK_SECONDS, TimeUnit.SECONDS);
    Deadline own = options.getDeadline();
    CallOptions asking = CallOptions.DEFAULT.withDeadline(own == null ? limit : limit.minimum(own));
    MethodDescriptor<VersionRequest, ?> version = RuntimeServiceGrpc.getVersionMethod();
    return switch (answer(next, version, asking)) {
      case OK -> Known.V1;
      case UNIMPLEMENTED ->
        answer(next, CriNames.asV1Alpha2(version), asking) == Status.Code.OK
            ? Known.V1ALPHA2
            : Known.NOTHING;
      default -> Known.NOTHING;
    };
  }

  private static Status.Code answer(
      Channel next, MethodDescriptor<VersionRequest, ?> version, CallOptions options) {
    try {
      ClientCalls.blockingUnaryCall(next, version, options, VersionRequest.getDefaultInstance());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }
}
