package dev.jubelet.kubelet.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What is known of upstream's keys and flags: `keys.txt` and `flags.txt` beside this class.
final class Tables {
  enum State {
    /// The agent acts on it.
    BUILT,
    /// Accepted and named in a warning.
    LATER,
    /// Accepted and named in a warning; upstream gives it no effect on pods of a Linux node.
    NONE
  }

  /// @param zeroCounts whether an explicit zero in a file is a value of its own
  record Key(
      String path, ValueType type, boolean zeroCounts, Optional<JsonNode> whenUnset, State state) {}

  /// @param key what it sets in the configuration; empty for flags of their own
  record Flag(String name, ValueType type, Optional<Key> key, State state) {}

  private Tables() {}

  static SortedMap<String, Key> keys() {
    SortedMap<String, Key> keys = new TreeMap<>();
    for (List<String> row : rows("keys.txt")) {
      boolean zeroCounts = row.get(1).endsWith("*");
      ValueType type = ValueType.of(row.get(1).replace("*", ""));
      Optional<JsonNode> whenUnset =
          row.get(2).equals("-") ? Optional.empty() : Optional.of(type.fromFlag(row.get(2)));
      State state = State.valueOf(row.get(3).toUpperCase(Locale.ROOT));
      keys.put(row.get(0), new Key(row.get(0), type, zeroCounts, whenUnset, state));
    }
    return keys;
  }

  static Map<String, Flag> flags(Map<String, Key> keys) {
    Map<String, Flag> flags = new LinkedHashMap<>();
    for (List<String> row : rows("flags.txt")) {
      ValueType type = ValueType.of(row.get(1));
      Flag flag = switch (row.get(2)) {
        case "@" -> new Flag(row.get(0), type, Optional.empty(), State.BUILT);
        case "later" -> new Flag(row.get(0), type, Optional.empty(), State.LATER);
        case "none" -> new Flag(row.get(0), type, Optional.empty(), State.NONE);
        default -> keyed(row.get(0), type, keys.get(row.get(2)));
      };
      flags.put(flag.name(), flag);
    }
    return flags;
  }

  private static Flag keyed(String name, ValueType type, @Nullable Key key) {
    if (key == null) {
      throw new IllegalStateException("flags.txt: --" + name + " sets no key of keys.txt");
    }
    return new Flag(name, type, Optional.of(key), key.state());
  }

  private static List<List<String>> rows(String file) {
    try (InputStream in = Tables.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#") && !line.isBlank())
          .map(line -> List.of(line.strip().split(" \\| ")))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
