package dev.jubelet.kubelet.worker;

import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.trace.Traces;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The recorded waterfall of a pod's start, from its manifest to the running processes. What is
/// done
/// later (a restart, the end) hangs below the same root, after its end.
///
/// Belongs to the worker's thread.
final class StartTrace {
  private final Traces traces;
  private final PodId id;
  private Instant changedAt;
  private Instant handledAt;
  private @Nullable Span root;
  private @Nullable Span wait;
  private boolean open;

  /// @param changedAt when the pod's source noticed it
  /// @param handledAt when the sync loop passed it on
  StartTrace(Traces traces, PodId id, Instant changedAt, Instant handledAt) {
    this.traces = traces;
    this.id = id;
    this.changedAt = changedAt;
    this.handledAt = handledAt;
  }

  /// Where the worker's next steps belong; the first call opens the root where the manifest
  /// changed.
  Context enter(Instant now) {
    Span span = root;
    if (span == null) {
      span = traces.podStart(id.uid(), id.namespace(), id.name(), changedAt);
      root = span;
      open = true;
      try (Scope _ = Context.root().with(span).makeCurrent()) {
        traces.past("source", "source", changedAt, handledAt);
        traces.past("worker", "worker wake", handledAt, now);
      }
    }
    endWait();
    return Context.root().with(span);
  }

  /// A new sandbox of a pod that had started is another start.
  void restart(Instant now) {
    if (root != null && !open) {
      root = null;
      changedAt = now;
      handledAt = now;
    }
  }

  /// The start is not done yet, and goes on when `cause` did something.
  void waitFor(String cause) {
    if (open && wait == null && root != null) {
      wait = traces
          .tracer()
          .spanBuilder(PodView.WAIT_SPAN + cause)
          .setParent(Context.root().with(root))
          .setAttribute(Traces.KIND, "wait")
          .startSpan();
    }
  }

  /// The pod runs, or ended.
  void done() {
    endWait();
    if (open && root != null) {
      root.end();
      open = false;
    }
  }

  private void endWait() {
    if (wait != null) {
      wait.end();
      wait = null;
    }
  }
}
