package dev.jubelet.kubelet.config;

import dev.jubelet.kubelet.yaml.Nearest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Splits arguments by the rules of Go's pflag: `--flag=value`, `--flag value`, `--flag` alone for
/// a boolean, `_` for `-` inside a name; of short ones only `-v` and `-h`. A flag given twice:
/// lists
/// and maps grow, of others the last wins.
final class CommandLine {
  private final Map<String, Tables.Flag> known;
  private final List<String> problems;
  private final Map<String, JsonNode> values = new LinkedHashMap<>();

  CommandLine(Map<String, Tables.Flag> known, List<String> problems) {
    this.known = known;
    this.problems = problems;
  }

  /// Values by flag name, in the order they were given first.
  Map<String, JsonNode> parse(String[] args) {
    for (int i = 0; i < args.length; i++) {
      String arg = longForm(args[i]);
      if (!arg.startsWith("--") || arg.equals("--")) {
        problems.add(stray(arg));
        continue;
      }
      int equals = arg.indexOf('=');
      String name = arg.substring(2, equals < 0 ? arg.length() : equals).replace('_', '-');
      Tables.Flag flag = known.get(name);
      if (flag == null) {
        problems.add(unknown(name));
        boolean hasValue = equals < 0 && i + 1 < args.length && !args[i + 1].startsWith("-");
        i += hasValue ? 1 : 0;
      } else if (equals >= 0) {
        set(flag, arg.substring(equals + 1));
      } else if (flag.type().kind() == ValueType.Kind.BOOL) {
        set(flag, "true");
      } else if (name.equals("version")) {
        set(flag, "true");
      } else if (i + 1 < args.length) {
        set(flag, args[++i]);
      } else {
        problems.add("--%s: needs a value: write --%s=VALUE".formatted(name, name));
      }
    }
    return values;
  }

  private static String longForm(String arg) {
    if (arg.equals("-h")) {
      return "--help";
    }
    if (arg.equals("-v")) {
      return "--v";
    }
    if (arg.matches("-v=?[0-9]+")) {
      return "--v=" + arg.substring(arg.startsWith("-v=") ? 3 : 2);
    }
    return arg;
  }

  private String stray(String arg) {
    if (arg.startsWith("-") && arg.length() > 2) {
      String name = arg.substring(1).split("=", 2)[0];
      return known.containsKey(name)
          ? "%s: write it with two dashes: -%s".formatted(arg, arg)
          : "%s: unknown flag".formatted(arg);
    }
    String hint = arg.equals("true") || arg.equals("false")
        ? "a boolean flag takes its value behind a sign: --flag=" + arg
        : "only flags are taken";
    return "\"%s\": unknown argument: %s".formatted(arg, hint);
  }

  private String unknown(String name) {
    return "--%s: unknown flag: %s"
        .formatted(
            name,
            Nearest.to(name, known.keySet())
                .map(near -> "did you mean --" + near + "?")
                .orElse("remove it"));
  }

  private void set(Tables.Flag flag, String text) {
    try {
      JsonNode node = flag.type().fromFlag(text);
      values.merge(flag.name(), node, CommandLine::grown);
    } catch (IllegalArgumentException e) {
      problems.add("--%s: %s, is \"%s\"".formatted(flag.name(), e.getMessage(), text));
    }
  }

  private static JsonNode grown(JsonNode old, JsonNode more) {
    if (old instanceof ArrayNode list && more instanceof ArrayNode tail) {
      return list.deepCopy().addAll(tail);
    }
    if (old instanceof ObjectNode map && more instanceof ObjectNode added) {
      ObjectNode grown = map.deepCopy();
      added
          .properties()
          .forEach(e -> grown.set(e.getKey(), grownEntry(grown.get(e.getKey()), e.getValue())));
      return grown;
    }
    return more;
  }

  private static JsonNode grownEntry(@Nullable JsonNode old, JsonNode more) {
    return old instanceof ArrayNode list && more instanceof ArrayNode tail
        ? list.deepCopy().addAll(tail)
        : more;
  }
}
