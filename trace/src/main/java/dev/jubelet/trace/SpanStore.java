package dev.jubelet.trace;

import dev.jubelet.trace.local.v1.OpenStep;
import dev.jubelet.trace.local.v1.SpanRecord;
import java.util.List;

/// The bounded memory of spans, by pod. Keeps the latest start of each of the last pods (oldest pod
/// out first) and a bounded number of spans for each.
public interface SpanStore {

  /// The spans of the pod's latest start, parents before children; empty when nothing is known of
  /// it. Open spans have end 0.
  List<SpanRecord> spansOf(String podUid);

  /// What is under way for this pod now, outermost first.
  List<OpenStep> openSteps(String podUid);

  /// Forgets a pod that is gone for good, after a while (the last removed ones stay readable for
  /// `trace`).
  void podGone(String podUid);

  /// Is called (from the recording thread, must not block) when spans of a pod begin or end.
  void onChange(Runnable listener);
}
