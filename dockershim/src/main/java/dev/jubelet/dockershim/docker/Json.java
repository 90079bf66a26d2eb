package dev.jubelet.dockershim.docker;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Docker's JSON, read without trust: an absent, null or wrongly typed member reads as empty; only
/// text that is no JSON at all is an error.
final class Json {
  /// Of one answer, so that its tree has room in a small heap: enough for some thousand containers.
  static final int MAX_TOKENS = 500_000;

  static final JsonMapper MAPPER = new JsonMapper(JsonFactory.builder()
      .streamReadConstraints(
          StreamReadConstraints.builder().maxTokenCount(MAX_TOKENS).build())
      .build());
  private static final int MAX_MESSAGE = 4096;
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private Json() {}

  static JsonNode parse(String operation, byte[] body) throws DockerException {
    try {
      JsonNode node = MAPPER.readTree(body);
      if (node != null && node.isContainer()) {
        return node;
      }
    } catch (JacksonException e) {
      String text = "the engine's answer is not JSON: " + e.getOriginalMessage();
      throw new DockerException(operation, 502, text, false);
    }
    throw new DockerException(operation, 502, "the engine's answer is empty", false);
  }

  /// The text of an error answer: Docker's `message`, else the body itself.
  static String message(byte[] body) {
    try {
      JsonNode node = MAPPER.readTree(body);
      if (node != null && node.path("message").isString()) {
        return node.path("message").stringValue();
      }
    } catch (JacksonException e) {
      // A proxy's or an old engine's plain text.
      return plain(body);
    }
    return plain(body);
  }

  private static String plain(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8).strip();
    return text.substring(0, Math.min(text.length(), MAX_MESSAGE));
  }

  static String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isString() ? value.stringValue() : "";
  }

  static long number(JsonNode node, String field) {
    return node.path(field).asLong(0);
  }

  static boolean flag(JsonNode node, String field) {
    return node.path(field).asBoolean(false);
  }

  static List<String> texts(JsonNode node, String field) {
    List<String> texts = new ArrayList<>();
    for (JsonNode value : node.path(field)) {
      if (value.isString()) {
        texts.add(value.stringValue());
      }
    }
    return List.copyOf(texts);
  }

  static Map<String, String> map(JsonNode node, String field) {
    Map<String, String> map = new LinkedHashMap<>();
    node.path(field).properties().forEach(entry -> {
      if (entry.getValue().isString()) {
        map.put(entry.getKey(), entry.getValue().stringValue());
      }
    });
    return Map.copyOf(map);
  }

  /// The moment so many seconds and nanoseconds after the epoch; what is no time of ours is the
  /// epoch.
  static Instant moment(long seconds, long nanos) {
    boolean sensible = seconds >= 0 && seconds < LATEST.getEpochSecond();
    return sensible ? Instant.ofEpochSecond(seconds, nanos) : Instant.EPOCH;
  }

  /// Empty for Go's zero time and for what is no time.
  static Optional<Instant> time(JsonNode node, String field) {
    String text = text(node, field);
    if (text.isEmpty() || text.startsWith("0001-01-01")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
