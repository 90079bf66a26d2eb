package dev.jubelet.kubelet.config;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What a value of a key or flag may be, as `keys.txt` and `flags.txt` write it.
///
/// @param minimum of `int`
/// @param maximum of `int`
/// @param allowed of `enum`
record ValueType(Kind kind, long minimum, long maximum, List<String> allowed) {
  private static final Pattern FORM =
      Pattern.compile("([a-z]+)(?:\\[(?:(-?\\d+)\\.\\.(\\d+)|([^\\]]+))\\])?");
  private static final Pattern QUANTITY =
      Pattern.compile("[+-]?[0-9]+(\\.[0-9]+)?([KMGTPE]i?|[mk])?");
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  enum Kind {
    STRING,
    IP,
    ENUM,
    BOOL,
    INT,
    FLOAT,
    DURATION,
    QUANTITY,
    STRINGS,
    LIST,
    MAP,
    LANGLES,
    BOOLS,
    MAPS
  }

  ValueType {
    allowed = List.copyOf(allowed);
  }

  static ValueType of(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException("no such type: " + text);
    }
    return new ValueType(
        Kind.valueOf(form.group(1).toUpperCase(Locale.ROOT)),
        form.group(2) == null ? Long.MIN_VALUE : Long.parseLong(form.group(2)),
        form.group(3) == null ? Long.MAX_VALUE : Long.parseLong(form.group(3)),
        form.group(4) == null ? List.of() : List.of(form.group(4).split(",")));
  }

  /// @return what is wrong with a value from a file; empty when it fits
  Optional<String> problem(JsonNode node) {
    return switch (kind) {
      case STRING -> unless(isText(node), "must be a string");
      case IP -> unless(node.isString() && isIp(node.stringValue()), "must be an IP address");
      case ENUM -> unless(node.isString() && isAllowed(node.stringValue()), oneOf());
      case BOOL -> unless(node.isBoolean(), "must be true or false");
      case INT -> integer(node);
      case FLOAT -> unless(node.isNumber(), "must be a number");
      case DURATION -> duration(node);
      case QUANTITY ->
        unless(
            node.isIntegralNumber()
                || (node.isString() && QUANTITY.matcher(node.stringValue()).matches()),
            "must be a quantity such as 10Mi");
      case STRINGS -> unless(all(node, JsonNode::isString), "must be a list of strings");
      case LIST -> unless(node.isArray(), "must be a list");
      case MAP, LANGLES -> unless(values(node, JsonNode::isString), "must map names to strings");
      case BOOLS -> unless(values(node, JsonNode::isBoolean), "must map names to true or false");
      case MAPS ->
        unless(values(node, v -> all(v, JsonNode::isString)), "must map names to lists of strings");
    };
  }

  /// @throws IllegalArgumentException saying what the value must be
  JsonNode fromFlag(String text) {
    JsonNode node = switch (kind) {
      case STRING, IP, ENUM, DURATION, QUANTITY -> NODES.stringNode(text);
      case BOOL -> bool(text);
      case INT -> number(text);
      case FLOAT -> floating(text);
      case STRINGS, LIST -> strings(text);
      case MAP -> pairs(text, "=");
      case LANGLES -> pairs(text, "<");
      case BOOLS -> bools(text);
      case MAPS -> headers(text);
    };
    problem(node).ifPresent(p -> {
      throw new IllegalArgumentException(p);
    });
    return node;
  }

  /// Go's zero value, which a file cannot tell from a key that is left out.
  boolean isZero(JsonNode node) {
    return switch (kind) {
      case STRING, IP, ENUM, QUANTITY ->
        node.asString().isEmpty() || node.asString().equals("0");
      case BOOL -> !node.asBoolean();
      case INT -> node.asLong() == 0;
      case FLOAT -> node.asDouble() == 0;
      case DURATION -> node.isNumber() ? node.asLong() == 0 : zeroDuration(node.asString());
      case STRINGS, LIST, MAP, LANGLES, BOOLS, MAPS -> node.isEmpty();
    };
  }

  private static boolean zeroDuration(String text) {
    return text.isEmpty() || GoDuration.parse(text).isZero();
  }

  private static boolean isText(JsonNode node) {
    return node.isString() && node.stringValue().indexOf('\0') < 0;
  }

  private Optional<String> integer(JsonNode node) {
    boolean fits = node.isIntegralNumber()
        && node.canConvertToLong()
        && node.asLong() >= minimum
        && node.asLong() <= maximum;
    return unless(
        fits, "must be a whole number between %d and %d, inclusive".formatted(minimum, maximum));
  }

  private static Optional<String> duration(JsonNode node) {
    if (node.isIntegralNumber()) {
      return unless(
          node.canConvertToLong() && node.asLong() >= 0, "must be a duration such as 20s or 1m30s");
    }
    if (!node.isString()) {
      return Optional.of("must be a duration such as 20s or 1m30s");
    }
    try {
      return unless(!GoDuration.parse(node.stringValue()).isNegative(), "must not be negative");
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private boolean isAllowed(String text) {
    return text.isEmpty() || allowed.contains(text);
  }

  private String oneOf() {
    return "must be one of " + String.join(", ", allowed);
  }

  private static boolean isIp(String text) {
    if (text.isEmpty()) {
      return true;
    }
    try {
      return InetAddress.ofLiteral(text).getHostAddress() != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean all(JsonNode node, Predicate<JsonNode> holds) {
    return node.isArray() && node.valueStream().allMatch(holds);
  }

  private static boolean values(JsonNode node, Predicate<JsonNode> hold) {
    return node.isObject() && node.valueStream().allMatch(hold);
  }

  private static Optional<String> unless(boolean holds, String problem) {
    return holds ? Optional.empty() : Optional.of(problem);
  }

  private static JsonNode bool(String text) {
    return switch (text) {
      case "1", "t", "T", "true", "True", "TRUE" -> NODES.booleanNode(true);
      case "0", "f", "F", "false", "False", "FALSE" -> NODES.booleanNode(false);
      default -> throw new IllegalArgumentException("must be true or false");
    };
  }

  private JsonNode number(String text) {
    try {
      return NODES.numberNode(Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "must be a whole number between %d and %d, inclusive".formatted(minimum, maximum), e);
    }
  }

  private static JsonNode floating(String text) {
    try {
      return NODES.numberNode(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a number", e);
    }
  }

  private static ArrayNode strings(String text) {
    ArrayNode list = NODES.arrayNode();
    for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      list.add(part.strip());
    }
    return list;
  }

  private static ObjectNode pairs(String text, String separator) {
    ObjectNode map = NODES.objectNode();
    for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      int at = part.indexOf(separator);
      if (at < 1) {
        throw new IllegalArgumentException(
            "must be pairs such as name%svalue, separated by commas".formatted(separator));
      }
      map.put(
          part.substring(0, at).strip(), part.substring(at + separator.length()).strip());
    }
    return map;
  }

  private static ObjectNode bools(String text) {
    ObjectNode map = NODES.objectNode();
    pairs(text, "=")
        .properties()
        .forEach(e -> map.set(e.getKey(), bool(e.getValue().asString())));
    return map;
  }

  private static ObjectNode headers(String text) {
    ObjectNode map = NODES.objectNode();
    for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      int at = part.indexOf(':');
      if (at < 1) {
        throw new IllegalArgumentException("must be pairs such as name:value, separated by commas");
      }
      map.withArray("/" + part.substring(0, at).strip().replace("~", "~0").replace("/", "~1"))
          .add(part.substring(at + 1));
    }
    return map;
  }
}
