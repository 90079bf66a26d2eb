package dev.jubelet.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What there is of a node at one moment: by kind, each thing's name and how many of that name.
record Inventory(Map<String, Map<String, Long>> kinds) {

  /// More of a name than before.
  record Growth(String kind, String name, long before, long after) {
    long more() {
      return after - before;
    }

    @Override
    public String toString() {
      return "%s %s: %d before, %d after".formatted(kind, name, before, after);
    }
  }

  /// In the order of kinds and names; nothing that became less.
  List<Growth> since(Inventory before) {
    List<Growth> growth = new ArrayList<>();
    new TreeMap<>(kinds).forEach((kind, names) -> {
      Map<String, Long> old = before.kinds.getOrDefault(kind, Map.of());
      new TreeMap<>(names).forEach((name, count) -> {
        long was = old.getOrDefault(name, 0L);
        if (count > was) {
          growth.add(new Growth(kind, name, was, count));
        }
      });
    });
    return growth;
  }

  long count(String kind) {
    return kinds.getOrDefault(kind, Map.of()).values().stream()
        .mapToLong(n -> n)
        .sum();
  }
}
