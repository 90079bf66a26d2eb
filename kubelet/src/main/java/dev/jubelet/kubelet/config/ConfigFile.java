package dev.jubelet.kubelet.config;

import dev.jubelet.kubelet.yaml.BoundedYaml;
import dev.jubelet.kubelet.yaml.Nearest;
import dev.jubelet.kubelet.yaml.YamlException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads `--config` and the `*.conf` files of `--config-dir` into values by key path. Later files
/// win: scalars and lists are replaced, maps are merged by key. Problems are collected, not thrown.
final class ConfigFile {
  private static final String API_VERSION = "kubelet.config.k8s.io/v1beta1";
  private static final String KIND = "KubeletConfiguration";

  private final SortedMap<String, Tables.Key> keys;
  private final List<String> problems;
  private final Map<String, JsonNode> values = new TreeMap<>();

  ConfigFile(SortedMap<String, Tables.Key> keys, List<String> problems) {
    this.keys = keys;
    this.problems = problems;
  }

  /// Values by key path, as the files give them.
  Map<String, JsonNode> values() {
    return values;
  }

  void readDirectory(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      entries
          .filter(p -> p.getFileName().toString().endsWith(".conf"))
          .sorted()
          .forEach(this::read);
    } catch (IOException e) {
      problems.add("--config-dir: cannot list %s: %s".formatted(directory, reason(e)));
    }
  }

  void read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      List<JsonNode> documents = BoundedYaml.documents(in.readNBytes(BoundedYaml.MAX_BYTES + 1));
      if (documents.size() != 1) {
        problems.add("%s: holds %d documents: keep one %s".formatted(file, documents.size(), KIND));
        return;
      }
      document(file.toString(), documents.getFirst());
    } catch (YamlException e) {
      problems.add(file + ": " + e.getMessage());
    } catch (IOException e) {
      problems.add("%s: cannot be read: %s".formatted(file, reason(e)));
    }
  }

  private void document(String file, JsonNode document) {
    if (!document.isObject()
        || !document.path("apiVersion").asString("").equals(API_VERSION)
        || !document.path("kind").asString("").equals(KIND)) {
      problems.add(
          "%s: must begin with apiVersion: %s and kind: %s".formatted(file, API_VERSION, KIND));
      return;
    }
    ObjectNode body = ((ObjectNode) document).deepCopy();
    body.remove(List.of("apiVersion", "kind"));
    walk(file, body, "");
  }

  private void walk(String file, JsonNode object, String path) {
    object.properties().forEach(e -> {
      String child = path.isEmpty() ? e.getKey() : path + "." + e.getKey();
      Tables.Key key = keys.get(child);
      if (key != null) {
        value(file, key, e.getValue());
      } else if (!keys.tailMap(child + ".").isEmpty()
          && keys.tailMap(child + ".").firstKey().startsWith(child + ".")) {
        group(file, e.getValue(), child);
      } else {
        problems.add("%s: %s: unknown key: %s".formatted(file, brief(child), near(child)));
      }
    });
  }

  private void group(String file, JsonNode value, String path) {
    if (value.isObject()) {
      walk(file, value, path);
    } else if (!value.isNull()) {
      problems.add("%s: %s: must be a mapping".formatted(file, path));
    }
  }

  private String near(String path) {
    Set<String> known = new HashSet<>(keys.keySet());
    for (String key : keys.keySet()) {
      for (int dot = key.indexOf('.'); dot > 0; dot = key.indexOf('.', dot + 1)) {
        known.add(key.substring(0, dot));
      }
    }
    return Nearest.to(path, known).map(k -> "did you mean " + k + "?").orElse("remove it");
  }

  private void value(String file, Tables.Key key, JsonNode node) {
    if (node.isNull()) {
      return;
    }
    key.type()
        .problem(node)
        .filter(p -> key.zeroCounts() || !harmlessZero(key, node))
        .ifPresentOrElse(
            problem -> problems.add(
                "%s: %s: %s, is %s".formatted(file, key.path(), problem, brief(node.toString()))),
            () -> set(key, node));
  }

  /// Zero outside the range (`port: 0`) means unset, as for upstream.
  private static boolean harmlessZero(Tables.Key key, JsonNode node) {
    return key.type().kind() == ValueType.Kind.INT
        && node.isIntegralNumber()
        && node.asLong(1) == 0;
  }

  private void set(Tables.Key key, JsonNode node) {
    JsonNode old = values.get(key.path());
    if (old instanceof ObjectNode map && node instanceof ObjectNode more) {
      ObjectNode merged = map.deepCopy();
      merged.setAll(more);
      values.put(key.path(), merged);
    } else {
      values.put(key.path(), node);
    }
  }

  private static String reason(IOException e) {
    return e instanceof NoSuchFileException ? "no such file" : String.valueOf(e.getMessage());
  }

  private static String brief(String text) {
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }
}
