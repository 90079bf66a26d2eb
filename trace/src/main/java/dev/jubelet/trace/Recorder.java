package dev.jubelet.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/// Records with OpenTelemetry's SDK into the bounded store of this process.
public final class Recorder implements Traces {
  private final BoundedSpanStore store;
  private final SdkTracerProvider provider;
  private final Tracer tracer;
  private final StepHook hook;

  /// Keeps the latest start of `maxPods` pods with at most `maxSpansPerPod` spans each.
  public Recorder(int maxPods, int maxSpansPerPod) {
    this(maxPods, maxSpansPerPod, StepHook.provided());
  }

  Recorder(int maxPods, int maxSpansPerPod, StepHook hook) {
    this.hook = hook;
    store = new BoundedSpanStore(maxPods, maxSpansPerPod);
    provider = SdkTracerProvider.builder()
        .setSampler(Sampler.alwaysOn())
        .addSpanProcessor(new StoringProcessor(store))
        .build();
    tracer = provider.get("dev.jubelet");
  }

  @Override
  public Tracer tracer() {
    return tracer;
  }

  @Override
  public <T, X extends Exception> T in(String kind, String name, Body<T, X> body) throws X {
    Span span = span(kind, name);
    boolean returned = false;
    try (Scope _ = span.makeCurrent()) {
      hook.reached(kind, name, StepHook.Edge.BEFORE);
      T result = body.call();
      hook.reached(kind, name, StepHook.Edge.AFTER);
      returned = true;
      return result;
    } catch (Exception e) {
      returned = true;
      failed(span, e);
      throw e;
    } finally {
      if (!returned) {
        span.setStatus(StatusCode.ERROR, "ended by an error of the virtual machine");
      }
      span.end();
    }
  }

  @Override
  public <X extends Exception> void run(String kind, String name, Action<X> body) throws X {
    this.<Boolean, X>in(kind, name, () -> {
      body.run();
      return true;
    });
  }

  @Override
  public Open begin(String kind, String name) {
    Span span = span(kind, name);
    try {
      hook.reached(kind, name, StepHook.Edge.BEFORE);
    } catch (RuntimeException e) {
      failed(span, e);
      span.end();
      throw e;
    }
    return new Open() {
      @Override
      public Span span() {
        return span;
      }

      @Override
      public void end(Optional<Exception> failure) {
        try {
          if (failure.isEmpty()) {
            hook.reached(kind, name, StepHook.Edge.AFTER);
          }
        } finally {
          failure.ifPresent(e -> failed(span, e));
          span.end();
        }
      }
    };
  }

  private Span span(String kind, String name) {
    return tracer.spanBuilder(name).setAttribute(KIND, kind).startSpan();
  }

  private static void failed(Span span, Exception e) {
    span.setStatus(StatusCode.ERROR, Objects.requireNonNullElse(e.getMessage(), e.toString()));
  }

  @Override
  public Span podStart(String uid, String namespace, String name, Instant since) {
    return tracer
        .spanBuilder("pod start")
        .setParent(Context.root())
        .setAttribute(KIND, "worker")
        .setAttribute(POD_UID, uid)
        .setAttribute(POD_NAMESPACE, namespace)
        .setAttribute(POD_NAME, name)
        .setStartTimestamp(since)
        .startSpan();
  }

  @Override
  public void past(String kind, String name, Instant from, Instant to) {
    tracer
        .spanBuilder(name)
        .setAttribute(KIND, kind)
        .setStartTimestamp(from)
        .startSpan()
        .end(to.isBefore(from) ? from : to);
  }

  @Override
  public SpanStore store() {
    return store;
  }

  @Override
  public void close() {
    provider.close();
  }
}
