package dev.jubelet.cri;

import io.grpc.Metadata;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// W3C trace context in gRPC metadata: `traceparent: 00-<trace>-<span>-<flags>`.
final class TraceMetadata {
  private static final Metadata.Key<String> TRACEPARENT =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

  private static final Pattern FORMAT =
      Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

  /// Of a server of ours: when it began and ended to handle the call, ns since the epoch.
  private static final Metadata.Key<String> HANDLED =
      Metadata.Key.of("jubelet-handled", Metadata.ASCII_STRING_MARSHALLER);

  private static final Pattern TIMES = Pattern.compile("([0-9]{1,19}) ([0-9]{1,19})");

  private TraceMetadata() {}

  static void handled(Instant begin, Instant end, Metadata trailers) {
    trailers.put(HANDLED, nanos(begin) + " " + nanos(end));
  }

  /// When the server began and ended to handle the call; empty when it does not tell.
  static List<Instant> handled(@Nullable Metadata trailers) {
    String value = trailers == null ? null : trailers.get(HANDLED);
    Matcher times = TIMES.matcher(value == null ? "" : value);
    try {
      return times.matches()
          ? List.of(
              instant(Long.parseLong(times.group(1))), instant(Long.parseLong(times.group(2))))
          : List.of();
    } catch (NumberFormatException e) {
      return List.of();
    }
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(0, nanos);
  }

  static void inject(Span span, Metadata headers) {
    SpanContext context = span.getSpanContext();
    headers.discardAll(TRACEPARENT);
    headers.put(
        TRACEPARENT,
        "00-%s-%s-%s"
            .formatted(
                context.getTraceId(),
                context.getSpanId(),
                context.getTraceFlags().asHex()));
  }

  /// A context whose span is the caller's; without one when the caller sent none that is valid.
  static Context extract(Metadata headers) {
    String value = headers.get(TRACEPARENT);
    Matcher parts = FORMAT.matcher(value == null ? "" : value);
    if (!parts.matches()) {
      return Context.root();
    }
    SpanContext caller = SpanContext.createFromRemoteParent(
        parts.group(1),
        parts.group(2),
        TraceFlags.fromHex(parts.group(3), 0),
        TraceState.getDefault());
    return Context.root().with(Span.wrap(caller));
  }
}
