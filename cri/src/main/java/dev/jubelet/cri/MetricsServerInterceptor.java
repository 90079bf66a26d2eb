package dev.jubelet.cri;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.concurrent.atomic.AtomicBoolean;

/// The runtime's own view of its calls: how many, with which status, how long, how many under way.
/// The originals have no such metric; the label values are the kubelet's operation types.
public final class MetricsServerInterceptor implements ServerInterceptor {
  private final Counter calls;
  private final Gauge underWay;
  private final Histogram durations;

  public MetricsServerInterceptor(PrometheusRegistry registry) {
    calls = Counter.builder()
        .name("jubelet_cri_calls_total")
        .help("CRI calls that were answered, by operation type and gRPC status code.")
        .labelNames("operation_type", "code")
        .register(registry);
    underWay = Gauge.builder()
        .name("jubelet_cri_calls_under_way")
        .help("CRI calls that are being worked on, by operation type.")
        .labelNames("operation_type")
        .register(registry);
    durations = Histogram.builder()
        .name("jubelet_cri_call_duration_seconds")
        .help("Seconds from a CRI call's arrival to its answer, by operation type.")
        .labelNames("operation_type")
        .classicOnly()
        .classicExponentialUpperBounds(0.005, 2.5, 14)
        .register(registry);
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Measured<Q, A> measured = new Measured<>(call, OperationNames.of(call.getMethodDescriptor()));
    return new SimpleForwardingServerCallListener<Q>(next.startCall(measured, headers)) {
      @Override
      public void onCancel() {
        measured.ended(Status.CANCELLED);
        super.onCancel();
      }
    };
  }

  private final class Measured<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final String operation;
    private final long began = System.nanoTime();
    private final AtomicBoolean ended = new AtomicBoolean();

    Measured(ServerCall<Q, A> call, String operation) {
      super(call);
      this.operation = operation;
      underWay.labelValues(operation).inc();
    }

    @Override
    public void close(Status status, Metadata trailers) {
      ended(status);
      super.close(status, trailers);
    }

    void ended(Status status) {
      if (ended.compareAndSet(false, true)) {
        underWay.labelValues(operation).dec();
        calls.labelValues(operation, status.getCode().name()).inc();
        durations.labelValues(operation).observe((System.nanoTime() - began) / 1e9);
      }
    }
  }
}
