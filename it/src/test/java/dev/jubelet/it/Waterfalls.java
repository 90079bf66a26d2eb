package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// What a pod's waterfall must show.
final class Waterfalls {
  private Waterfalls() {}

  private record Leaf(String name, String kind, long start, long end) {}

  /// The leaves cover at least 95 % of the time from the manifest to the container's start, and
  /// each long one says what it is.
  static void check(JsonNode trace, String startedAt) {
    Instant started = Instant.parse(startedAt);
    long to = started.getEpochSecond() * 1_000_000_000L + started.getNano();
    List<JsonNode> spans = trace.get("spans").valueStream().toList();
    Set<String> parents =
        spans.stream().map(span -> text(span, "parentId")).collect(Collectors.toSet());
    Map<String, JsonNode> byId = new HashMap<>();
    spans.forEach(span -> byId.put(text(span, "spanId"), span));
    long from =
        spans.stream().mapToLong(span -> span.get("start").asLong()).min().orElseThrow();
    List<Leaf> leaves = new ArrayList<>();
    for (JsonNode span : spans) {
      if (!parents.contains(text(span, "spanId"))) {
        long end = span.get("end").asLong();
        leaves.add(new Leaf(
            text(span, "name"),
            text(span, "kind"),
            span.get("start").asLong(),
            Math.min(end == 0 ? to : end, to)));
      }
    }
    leaves.sort(Comparator.comparingLong(Leaf::start));
    long covered = 0;
    long reached = from;
    for (Leaf leaf : leaves) {
      long begin = Math.max(reached, leaf.start());
      if (leaf.end() > begin) {
        covered += leaf.end() - begin;
        reached = leaf.end();
      }
    }
    assertThat(covered * 100 / (to - from))
        .as("percent covered by %s", leaves)
        .isGreaterThanOrEqualTo(95);
    assertThat(leaves.stream().filter(leaf -> leaf.end() - leaf.start() > 20_000_000L))
        .allMatch(leaf -> Set.of("docker", "cni", "pull", "wait").contains(leaf.kind()));
    assertThat(spans.stream().filter(span -> text(span, "kind").equals("docker")))
        .as("Docker calls lie inside of the RPC that caused them")
        .isNotEmpty()
        .allMatch(span -> insideAnRpc(span, byId));
  }

  private static boolean insideAnRpc(JsonNode span, Map<String, JsonNode> byId) {
    for (JsonNode at = span; at != null; at = byId.get(text(at, "parentId"))) {
      if (text(at, "kind").equals("rpc")) {
        return true;
      }
    }
    return false;
  }

  private static String text(JsonNode span, String field) {
    JsonNode value = span.get(field);
    return value == null ? "" : value.asString();
  }
}
