package dev.jubelet.trace;

import dev.jubelet.trace.local.v1.SpanRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/// One pod's start as a picture: a line per span with its begin after the root's, its length, its
/// share of the whole and a bar. Spans come as [SpanStore#spansOf] gives them.
public final class Waterfall {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT);

  /// Columns beside name and bar: two times, the share and the blanks between.
  private static final int FIGURES = 28;

  private final List<SpanRecord> spans;
  private final long from;
  private final long to;
  private final Map<String, Integer> depths = new HashMap<>();

  private Waterfall(List<SpanRecord> spans, long now) {
    this.spans = spans;
    from = spans.isEmpty() ? 0 : spans.getFirst().getStart();
    to = spans.isEmpty() ? 0 : Math.max(from, endOf(spans.getFirst(), now));
    for (SpanRecord span : spans) {
      depths.put(span.getSpanId(), depths.getOrDefault(span.getParentId(), -1) + 1);
    }
  }

  /// Open spans are drawn until `now`.
  public static Waterfall of(List<SpanRecord> spans, Instant now) {
    long nanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
    List<SpanRecord> drawn =
        spans.stream().map(s -> s.getEnd() == 0 ? open(s, nanos) : s).toList();
    return new Waterfall(drawn, nanos);
  }

  /// From the begin of the root to its end, or to now.
  public Duration length() {
    return Duration.ofNanos(to - from);
  }

  /// Spans without children; a root alone is none.
  public List<SpanRecord> leaves() {
    Set<String> parents = new HashSet<>();
    spans.forEach(span -> parents.add(span.getParentId()));
    return spans.stream()
        .filter(s -> !s.getParentId().isEmpty() && !parents.contains(s.getSpanId()))
        .toList();
  }

  /// How much of the root's time lies within at least one leaf: 0 to 1; 0 without a root's time.
  public double coverage() {
    long covered = 0;
    long reached = from;
    List<SpanRecord> byStart = new ArrayList<>(leaves());
    byStart.sort(Comparator.comparingLong(SpanRecord::getStart));
    for (SpanRecord leaf : byStart) {
      long begin = Math.max(reached, leaf.getStart());
      long end = Math.min(to, leaf.getEnd());
      if (end > begin) {
        covered += end - begin;
        reached = end;
      }
    }
    return to == from ? 0 : (double) covered / (to - from);
  }

  /// Leaves that took longer than `limit`, the longest first.
  public List<SpanRecord> leavesOver(Duration limit) {
    return leaves().stream()
        .filter(s -> s.getEnd() - s.getStart() > limit.toNanos())
        .sorted(Comparator.comparingLong((SpanRecord s) -> s.getEnd() - s.getStart())
            .reversed())
        .toList();
  }

  /// Lines of at most `width` columns (80 at least), each ending with a newline.
  public String text(int width, ZoneId zone) {
    if (spans.isEmpty()) {
      return "nothing is recorded\n";
    }
    int columns = Math.max(80, width);
    int bar = Math.clamp((columns - FIGURES) / 3, 16, 40);
    int label = columns - FIGURES - bar;
    StringBuilder text = new StringBuilder(256 * spans.size());
    text.append(headline(zone)).append('\n');
    text.append(
        String.format(Locale.ROOT, "%-" + label + "s %9s %9s %6s%n", "", "after", "took", "share"));
    for (SpanRecord span : spans) {
      text.append(line(span, label, bar)).append('\n');
    }
    return text.toString();
  }

  /// The same for programs: `{uid, namespace, name, milliseconds, coverage, spans: [{spanId,
  /// parentId, name, kind, start, end, milliseconds, error, attributes}]}`. `start` and `end` are
  /// ns since the epoch, `end` is 0 while a span is open.
  public String json() {
    Map<String, Object> root = new LinkedHashMap<>();
    if (!spans.isEmpty()) {
      SpanRecord first = spans.getFirst();
      root.put("uid", first.getAttributesOrDefault(Traces.POD_UID, ""));
      root.put("namespace", first.getAttributesOrDefault(Traces.POD_NAMESPACE, ""));
      root.put("name", first.getAttributesOrDefault(Traces.POD_NAME, ""));
    }
    root.put("milliseconds", millis(to - from));
    root.put("coverage", Math.round(coverage() * 10_000) / 10_000.0);
    root.put("spans", spans.stream().map(this::asMap).toList());
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  private Map<String, Object> asMap(SpanRecord span) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("spanId", span.getSpanId());
    map.put("parentId", span.getParentId());
    map.put("name", span.getName());
    map.put("kind", span.getKind());
    map.put("start", span.getStart());
    map.put("end", isOpen(span) ? 0L : span.getEnd());
    map.put("milliseconds", millis(span.getEnd() - span.getStart()));
    if (!span.getError().isEmpty()) {
      map.put("error", span.getError());
    }
    Map<String, String> attributes = new TreeMap<>(span.getAttributesMap());
    attributes.remove(OPEN);
    map.put("attributes", attributes);
    return map;
  }

  private String headline(ZoneId zone) {
    SpanRecord root = spans.getFirst();
    String pod = root.getAttributesOrDefault(Traces.POD_NAMESPACE, "")
        + "/"
        + root.getAttributesOrDefault(Traces.POD_NAME, "");
    return String.format(
        Locale.ROOT,
        "%s  %s  %s%s, leaves cover %.1f %%",
        pod,
        CLOCK.format(instant(from).atZone(zone)),
        time(to - from),
        isOpen(root) ? " so far" : "",
        coverage() * 100);
  }

  private String line(SpanRecord span, int label, int bar) {
    long took = span.getEnd() - span.getStart();
    String share =
        to == from ? "" : String.format(Locale.ROOT, "%.1f%%", 100.0 * took / (to - from));
    return String.format(
            Locale.ROOT,
            "%-" + label + "s %9s %9s %6s %s",
            cut(title(span), label),
            time(span.getStart() - from),
            time(took),
            share,
            bar(span, bar))
        .stripTrailing();
  }

  private String title(SpanRecord span) {
    StringBuilder title = new StringBuilder("  ".repeat(depths.getOrDefault(span.getSpanId(), 0)));
    title.append(span.getName());
    detail(span).ifPresent(d -> title.append(' ').append(d));
    if (!span.getError().isEmpty()) {
      title.append("  FAILED: ").append(span.getError().replace('\n', ' '));
    } else if (isOpen(span)) {
      title.append(" …");
    }
    return title.toString();
  }

  private static Optional<String> detail(SpanRecord span) {
    return Optional.of(span.getAttributesOrDefault(Traces.DETAIL, "")).filter(d -> !d.isEmpty());
  }

  private String bar(SpanRecord span, int width) {
    if (to == from) {
      return "";
    }
    double scale = (double) width / (to - from);
    int begin = (int) Math.clamp((long) ((span.getStart() - from) * scale), 0L, width - 1L);
    int end = (int) Math.clamp(Math.round((span.getEnd() - from) * scale), begin + 1L, width);
    return " ".repeat(begin) + (isOpen(span) ? "░" : "█").repeat(end - begin);
  }

  private static final String OPEN = "jubelet.open";

  private static boolean isOpen(SpanRecord span) {
    return span.containsAttributes(OPEN);
  }

  private static SpanRecord open(SpanRecord span, long now) {
    return span.toBuilder()
        .setEnd(Math.max(now, span.getStart()))
        .putAttributes(OPEN, "true")
        .build();
  }

  private static long endOf(SpanRecord span, long now) {
    return span.getEnd() == 0 ? now : span.getEnd();
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
  }

  private static double millis(long nanos) {
    return Math.round(nanos / 1_000.0) / 1_000.0;
  }

  private static String time(long nanos) {
    double millis = nanos / 1e6;
    if (Math.abs(millis) < 10) {
      return String.format(Locale.ROOT, "%.2fms", millis);
    }
    return Math.abs(millis) < 10_000
        ? String.format(Locale.ROOT, "%.0fms", millis)
        : String.format(Locale.ROOT, "%.1fs", millis / 1000);
  }

  private static String cut(String text, int width) {
    return text.length() <= width ? text : text.substring(0, width - 1) + "…";
  }
}
