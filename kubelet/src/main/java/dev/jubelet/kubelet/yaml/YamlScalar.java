package dev.jubelet.kubelet.yaml;

import java.math.BigInteger;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// What a plain scalar means: the rules of go-yaml v2, which upstream reads manifests with.
final class YamlScalar {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
  private static final Set<String> TRUE =
      Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
  private static final Set<String> FALSE =
      Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");
  private static final Set<String> NOT_NUMBERS =
      Set.of(".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "-.inf", "-.Inf", "-.INF");
  private static final Pattern INTEGER =
      Pattern.compile("[-+]?(0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|0|[1-9][0-9]*)");
  private static final Pattern FLOAT =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  private static final int LONGEST_NUMBER = 64;

  private YamlScalar() {}

  static JsonNode resolve(ScalarEvent event) throws YamlException {
    String text = event.getValue();
    Optional<String> tag = event.getTag();
    if (tag.isPresent()) {
      return tagged(event, tag.get());
    }
    return event.isPlain() ? plain(event, text) : NODES.stringNode(text);
  }

  private static JsonNode tagged(ScalarEvent event, String tag) throws YamlException {
    JsonNode plain = plain(event, event.getValue());
    return switch (tag) {
      case "!", "tag:yaml.org,2002:str" -> NODES.stringNode(event.getValue());
      case "tag:yaml.org,2002:int" -> expect(event, plain, plain.isIntegralNumber());
      case "tag:yaml.org,2002:float" -> expect(event, plain, plain.isNumber());
      case "tag:yaml.org,2002:bool" -> expect(event, plain, plain.isBoolean());
      case "tag:yaml.org,2002:null" -> expect(event, plain, plain.isNull());
      default -> throw at(event, "tag %s is not known: remove it".formatted(brief(tag)));
    };
  }

  private static JsonNode expect(ScalarEvent event, JsonNode node, boolean holds)
      throws YamlException {
    if (!holds) {
      throw at(event, "\"%s\" does not fit its tag".formatted(brief(event.getValue())));
    }
    return node;
  }

  private static JsonNode plain(ScalarEvent event, String text) throws YamlException {
    if (NULLS.contains(text)) {
      return NODES.nullNode();
    }
    if (TRUE.contains(text)) {
      return NODES.booleanNode(true);
    }
    if (FALSE.contains(text)) {
      return NODES.booleanNode(false);
    }
    if (NOT_NUMBERS.contains(text)) {
      throw at(event, "%s is no number that a manifest can hold".formatted(text));
    }
    JsonNode number = text.length() > LONGEST_NUMBER ? null : number(text);
    return number == null ? NODES.stringNode(text) : number;
  }

  private static @Nullable JsonNode number(String text) {
    String digits = text.replace("_", "");
    if (digits.isEmpty() || text.startsWith("_")) {
      return null;
    }
    if (INTEGER.matcher(digits).matches()) {
      return integer(digits);
    }
    if (!FLOAT.matcher(digits).matches()) {
      return null;
    }
    double value = Double.parseDouble(digits);
    return Double.isInfinite(value) ? null : NODES.numberNode(value);
  }

  private static JsonNode integer(String text) {
    boolean signed = text.startsWith("-") || text.startsWith("+");
    String digits = signed ? text.substring(1) : text;
    int radix = 10;
    if (digits.length() > 1 && digits.startsWith("0")) {
      radix = switch (digits.charAt(1)) {
        case 'b', 'B' -> 2;
        case 'x', 'X' -> 16;
        default -> 8;
      };
      digits = Character.isDigit(digits.charAt(1)) ? digits.substring(1) : digits.substring(2);
    }
    BigInteger value = new BigInteger(digits, radix);
    value = text.startsWith("-") ? value.negate() : value;
    if (value.bitLength() < Integer.SIZE) {
      return NODES.numberNode(value.intValue());
    }
    return value.bitLength() < Long.SIZE
        ? NODES.numberNode(value.longValue())
        : NODES.numberNode(value);
  }

  /// At most 100 characters of what a message quotes.
  static String brief(String text) {
    return text.length() <= 100 ? text : text.substring(0, 100) + "…";
  }

  private static YamlException at(ScalarEvent event, String problem) {
    return new YamlException(event.getStartMark().map(BoundedYaml::where).orElse("") + problem);
  }
}
