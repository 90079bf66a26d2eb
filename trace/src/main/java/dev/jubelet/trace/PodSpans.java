package dev.jubelet.trace;

import dev.jubelet.trace.local.v1.OpenStep;
import dev.jubelet.trace.local.v1.SpanRecord;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The spans of one pod's start, bounded. Open spans keep their live span, ended ones their record.
/// Not thread-safe: the store guards it.
final class PodSpans {
  /// The id of the root that is made up when the spans have no common one.
  static final String SYNTHETIC_ROOT = "00000000000000ff";

  private final int maxSpans;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private long dropped;

  /// One span; `open` is absent once it ended.
  private record Entry(
      @Nullable ReadableSpan open, @Nullable SpanRecord ended) {
    SpanRecord asRecord() {
      if (ended != null) {
        return ended;
      }
      if (open == null) {
        throw new IllegalStateException("an entry is either open or ended");
      }
      return record(open.toSpanData());
    }
  }

  PodSpans(int maxSpans) {
    this.maxSpans = maxSpans;
  }

  /// Takes an opened span; beyond the bound it is counted only.
  void begin(ReadableSpan span) {
    if (entries.size() >= maxSpans) {
      dropped++;
      return;
    }
    entries.put(span.getSpanContext().getSpanId(), new Entry(span, null));
  }

  /// Closes a span that was taken before.
  void end(ReadableSpan span) {
    entries.computeIfPresent(
        span.getSpanContext().getSpanId(), (_, _) -> new Entry(null, record(span.toSpanData())));
  }

  /// Takes over what was recorded before its pod was known.
  void adopt(PodSpans earlier) {
    for (Map.Entry<String, Entry> entry : earlier.entries.entrySet()) {
      if (entries.size() >= maxSpans) {
        dropped++;
      } else {
        entries.put(entry.getKey(), entry.getValue());
      }
    }
    dropped += earlier.dropped;
  }

  /// Parents before children, siblings by their begin, below exactly one root.
  List<SpanRecord> tree() {
    List<SpanRecord> all =
        new ArrayList<>(entries.values().stream().map(Entry::asRecord).toList());
    all.sort(Comparator.comparingLong(SpanRecord::getStart));
    Set<String> known = new HashSet<>(entries.keySet());
    Map<String, List<SpanRecord>> children = new HashMap<>();
    List<SpanRecord> roots = new ArrayList<>();
    for (SpanRecord span : all) {
      if (known.contains(span.getParentId())) {
        children.computeIfAbsent(span.getParentId(), _ -> new ArrayList<>()).add(span);
      } else {
        roots.add(span);
      }
    }
    if (roots.isEmpty()) {
      return List.of();
    }
    SpanRecord root = roots.size() == 1 ? orphan(roots.getFirst()) : above(all);
    List<SpanRecord> result = new ArrayList<>();
    result.add(counted(root));
    if (roots.size() == 1) {
      descend(root, children, result);
    } else {
      for (SpanRecord span : roots) {
        result.add(span.toBuilder().setParentId(SYNTHETIC_ROOT).build());
        descend(span, children, result);
      }
    }
    return result;
  }

  /// What is open now, outermost first, without the root of the start.
  List<OpenStep> openSteps() {
    return entries.values().stream()
        .filter(entry -> entry.open() != null)
        .map(Entry::asRecord)
        .filter(span -> !span.getParentId().isEmpty() || !span.getName().equals("pod start"))
        .sorted(Comparator.comparingLong(SpanRecord::getStart))
        .map(PodSpans::step)
        .toList();
  }

  private static void descend(
      SpanRecord parent, Map<String, List<SpanRecord>> children, List<SpanRecord> result) {
    for (SpanRecord child : children.getOrDefault(parent.getSpanId(), List.of())) {
      result.add(child);
      descend(child, children, result);
    }
  }

  private static SpanRecord orphan(SpanRecord root) {
    return root.getParentId().isEmpty()
        ? root
        : root.toBuilder().clearParentId().build();
  }

  /// The made-up root of a foreign kubelet's calls, which come without a parent.
  private static SpanRecord above(List<SpanRecord> all) {
    boolean open = all.stream().anyMatch(span -> span.getEnd() == 0);
    SpanRecord.Builder root = SpanRecord.newBuilder()
        .setSpanId(SYNTHETIC_ROOT)
        .setName("pod start")
        .setKind("worker")
        .setStart(all.getFirst().getStart())
        .setEnd(open ? 0 : all.stream().mapToLong(SpanRecord::getEnd).max().orElse(0));
    for (SpanRecord span : all) {
      for (String key : List.of(Traces.POD_UID, Traces.POD_NAMESPACE, Traces.POD_NAME)) {
        String value = span.getAttributesOrDefault(key, "");
        if (!value.isEmpty()) {
          root.putAttributes(key, value);
        }
      }
    }
    return root.build();
  }

  private SpanRecord counted(SpanRecord root) {
    return dropped == 0
        ? root
        : root.toBuilder()
            .putAttributes("jubelet.dropped_spans", Long.toString(dropped))
            .build();
  }

  private static OpenStep step(SpanRecord span) {
    return OpenStep.newBuilder()
        .setName(span.getName())
        .setStartedAt(span.getStart())
        .setDetail(span.getAttributesOrDefault(Traces.DETAIL, ""))
        .build();
  }

  private static SpanRecord record(SpanData data) {
    SpanRecord.Builder record = SpanRecord.newBuilder()
        .setSpanId(data.getSpanId())
        .setName(data.getName())
        .setStart(data.getStartEpochNanos())
        .setEnd(data.hasEnded() ? data.getEndEpochNanos() : 0)
        .setError(
            switch (data.getStatus().getStatusCode()) {
              case ERROR -> failure(data.getStatus().getDescription());
              case OK, UNSET -> "";
            });
    if (data.getParentSpanContext().isValid()) {
      record.setParentId(data.getParentSpanId());
    }
    data.getAttributes().forEach((key, value) -> attribute(record, key, value));
    return record.build();
  }

  private static String failure(@Nullable String description) {
    return description == null || description.isEmpty() ? "failed" : description;
  }

  private static void attribute(SpanRecord.Builder record, AttributeKey<?> key, Object value) {
    if (key.getKey().equals(Traces.KIND)) {
      record.setKind(value.toString());
    } else {
      record.putAttributes(key.getKey(), value.toString());
    }
  }
}
