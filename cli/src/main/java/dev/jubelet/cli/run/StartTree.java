package dev.jubelet.cli.run;

import dev.jubelet.trace.Traces;
import dev.jubelet.trace.local.v1.SpanRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The steps of a pod's start for a person who waits: steps, RPCs, pulls, plugin runs and long
/// waits; Docker calls, and steps that went well in no time, are left to `jubelet trace`.
/// Pure.
final class StartTree {
  private static final Set<String> SHOWN = Set.of("source", "rpc", "pull", "cni");
  private static final long LONG_WAIT_NANOS = 20_000_000;
  private static final long NO_TIME_NANOS = 1_000_000;

  private final List<Step> steps;
  private final boolean over;
  private final long nanos;

  /// A line of the tree.
  ///
  /// @param depth from 0 below the root
  /// @param nanos until `now` while it is open
  record Step(String id, int depth, String title, boolean open, String error, long nanos) {

    String line() {
      String mark = open ? "…" : error.isEmpty() ? "✓" : "✗";
      String failure = error.isEmpty() ? "" : "  " + error.replace('\n', ' ');
      return "  ".repeat(depth + 1) + mark + " " + title + "  " + time(nanos) + failure;
    }
  }

  private StartTree(List<Step> steps, boolean over, long nanos) {
    this.steps = steps;
    this.over = over;
    this.nanos = nanos;
  }

  /// `spans` as [dev.jubelet.trace.SpanStore#spansOf] gives them; `now` in ns since the epoch.
  static StartTree of(List<SpanRecord> spans, long now) {
    if (spans.isEmpty()) {
      return new StartTree(List.of(), false, 0);
    }
    SpanRecord root = spans.getFirst();
    Map<String, Integer> depths = new HashMap<>();
    depths.put(root.getSpanId(), 0);
    List<Step> steps = new ArrayList<>();
    for (SpanRecord span : spans.subList(1, spans.size())) {
      int depth = depths.getOrDefault(span.getParentId(), 0);
      long took = (span.getEnd() == 0 ? now : span.getEnd()) - span.getStart();
      boolean shown = shown(span, took);
      depths.put(span.getSpanId(), shown ? depth + 1 : depth);
      if (shown) {
        steps.add(new Step(
            span.getSpanId(), depth, title(span), span.getEnd() == 0, span.getError(), took));
      }
    }
    long end = root.getEnd() == 0 ? now : root.getEnd();
    return new StartTree(steps, root.getEnd() != 0, end - root.getStart());
  }

  private static boolean shown(SpanRecord span, long took) {
    return switch (span.getKind()) {
      case "step" ->
        span.getEnd() == 0 || took >= NO_TIME_NANOS || !span.getError().isEmpty();
      case "wait" -> took >= LONG_WAIT_NANOS;
      default -> SHOWN.contains(span.getKind());
    };
  }

  List<Step> steps() {
    return steps;
  }

  /// Whether the start is over.
  boolean over() {
    return over;
  }

  /// How long it took, or has taken so far.
  String took() {
    return time(nanos);
  }

  private static String title(SpanRecord span) {
    String detail = span.getAttributesOrDefault(Traces.DETAIL, "");
    return detail.isEmpty() ? span.getName() : span.getName() + " " + detail;
  }

  private static String time(long nanos) {
    double millis = nanos / 1e6;
    return millis < 1000
        ? String.format(Locale.ROOT, "%.0f ms", millis)
        : String.format(Locale.ROOT, "%.2f s", millis / 1000);
  }
}
