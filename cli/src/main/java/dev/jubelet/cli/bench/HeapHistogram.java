package dev.jubelet.cli.bench;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What lives in a Java machine's heap, by class.
record HeapHistogram(Map<String, Row> rows) {
  private static final Pattern LINE = Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+(\\d+)\\s+(\\S+).*");
  private static final Row NONE = new Row(0, 0);

  HeapHistogram {
    rows = Map.copyOf(rows);
  }

  record Row(long instances, long bytes) {}

  /// Reads what `jcmd PID GC.class_histogram` prints.
  static HeapHistogram parse(String text) {
    Map<String, Row> rows = new HashMap<>();
    for (String line : text.lines().toList()) {
      Matcher row = LINE.matcher(line);
      if (row.matches()) {
        Row one = new Row(Long.parseLong(row.group(1)), Long.parseLong(row.group(2)));
        // Two class loaders may have a class of one name.
        rows.merge(
            row.group(3), one, (a, b) -> new Row(a.instances + b.instances, a.bytes + b.bytes));
      }
    }
    return new HeapHistogram(rows);
  }

  long bytes() {
    return rows.values().stream().mapToLong(Row::bytes).sum();
  }

  long instances(String type) {
    return rows.getOrDefault(type, NONE).instances();
  }

  /// The classes that grew most since `before`, a line each.
  List<String> growth(HeapHistogram before, int most) {
    return rows.entrySet().stream()
        .sorted(Comparator.comparingLong(
                (Map.Entry<String, Row> e) -> e.getValue().bytes() - before.bytes(e.getKey()))
            .reversed())
        .limit(most)
        .map(e -> String.format(
            Locale.ROOT,
            "%+d bytes, %+d of %s",
            e.getValue().bytes() - before.bytes(e.getKey()),
            e.getValue().instances() - before.instances(e.getKey()),
            e.getKey()))
        .toList();
  }

  private long bytes(String type) {
    return rows.getOrDefault(type, NONE).bytes();
  }
}
