package dev.jubelet.cri;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/// The kubelet's `kubelet_runtime_operations_*` metrics, by upstream's names.
public final class MetricsClientInterceptor implements ClientInterceptor {
  private final Counter calls;
  private final Counter errors;
  private final Histogram durations;

  public MetricsClientInterceptor(PrometheusRegistry registry) {
    calls = Counter.builder()
        .name("kubelet_runtime_operations_total")
        .help("Cumulative number of runtime operations by operation type.")
        .labelNames("operation_type")
        .register(registry);
    errors = Counter.builder()
        .name("kubelet_runtime_operations_errors_total")
        .help("Cumulative number of runtime operation errors by operation type.")
        .labelNames("operation_type")
        .register(registry);
    durations = Histogram.builder()
        .name("kubelet_runtime_operations_duration_seconds")
        .help("Duration in seconds of runtime operations. Broken down by operation type.")
        .labelNames("operation_type")
        .classicOnly()
        .classicExponentialUpperBounds(0.005, 2.5, 14)
        .register(registry);
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    String operation = OperationNames.of(method);
    return new SimpleForwardingClientCall<Q, A>(next.newCall(method, options)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        calls.labelValues(operation).inc();
        long began = System.nanoTime();
        super.start(
            new SimpleForwardingClientCallListener<A>(listener) {
              @Override
              public void onClose(Status status, Metadata trailers) {
                durations.labelValues(operation).observe((System.nanoTime() - began) / 1e9);
                if (!status.isOk()) {
                  errors.labelValues(operation).inc();
                }
                super.onClose(status, trailers);
              }
            },
            headers);
      }
    };
  }
}
