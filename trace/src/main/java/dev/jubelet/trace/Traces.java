package dev.jubelet.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import java.time.Instant;
import java.util.Optional;

/// The face of this room: everything that records spans is given one of these. Spans form one tree
/// per pod start; the current span travels in OpenTelemetry's `Context` (thread-bound; hand it over
/// explicitly to another thread) and as W3C `traceparent` in gRPC metadata.
public interface Traces extends AutoCloseable {

  /// Attribute keys that the store indexes; set them on a pod's root span, or on an RPC's span when
  /// it has no parent.
  String POD_UID = "k8s.pod.uid";

  String POD_NAME = "k8s.pod.name";
  String POD_NAMESPACE = "k8s.namespace.name";

  /// What kind of work a span is: one of `source`, `worker`, `step`, `rpc`, `wire` (the way of a
  /// call to the runtime and back), `shim`, `docker`, `cni`, `pull`, `wait`.
  String KIND = "jubelet.kind";

  /// Free text that a person sees beside the name: an image, a plugin, a cause.
  String DETAIL = "jubelet.detail";

  /// OpenTelemetry's own tracer, for spans with explicit times or parents.
  Tracer tracer();

  /// Runs `body` in a child span of the current one; an exception marks the span as failed and is
  /// passed on.
  <T, X extends Exception> T in(String kind, String name, Body<T, X> body) throws X;

  /// As [#in], without a result.
  <X extends Exception> void run(String kind, String name, Action<X> body) throws X;

  /// Opens a child span of the current one for work that another part runs; ended by the
  /// caller.
  Open begin(String kind, String name);

  /// Opens the root span of a pod's start at `since`; ended by the caller.
  Span podStart(String uid, String namespace, String name, Instant since);

  /// Records a span that lies wholly in the past under the current one.
  void past(String kind, String name, Instant from, Instant to);

  SpanStore store();

  @Override
  void close();

  /// A step under way whose body is elsewhere.
  interface Open {
    Span span();

    /// It ended; `failure` is empty when it succeeded.
    void end(Optional<Exception> failure);
  }

  /// A body with a result.
  interface Body<T, X extends Exception> {
    T call() throws X;
  }

  /// A body without a result.
  interface Action<X extends Exception> {
    void run() throws X;
  }
}
