package dev.jubelet.trace;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;

/// Feeds the store: spans enter when they begin, so that open ones are visible.
final class StoringProcessor implements SpanProcessor {
  private final BoundedSpanStore store;

  StoringProcessor(BoundedSpanStore store) {
    this.store = store;
  }

  @Override
  public void onStart(Context parentContext, ReadWriteSpan span) {
    store.begin(span);
  }

  @Override
  public boolean isStartRequired() {
    return true;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    store.end(span);
  }

  @Override
  public boolean isEndRequired() {
    return true;
  }
}
