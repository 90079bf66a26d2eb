package dev.jubelet.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What dockerd was told: its command line and daemon.json, by daemon.json's names.
///
/// @param problem why daemon.json cannot be read; empty when it can or there is none
record DaemonOptions(Map<String, String> values, Optional<String> problem) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path USUAL = Path.of("/etc/docker/daemon.json");
  private static final String FILE = "config-file";

  /// Flags whose names in the file end with an s.
  private static final List<String> LISTS = List.of("default-ulimit", "log-opt", "exec-opt");

  DaemonOptions {
    values = Map.copyOf(values);
  }

  /// @param commandLine dockerd's words; empty when they are not known
  static DaemonOptions of(List<String> commandLine) {
    Map<String, String> values = flags(commandLine);
    Path file = Path.of(values.getOrDefault(FILE, USUAL.toString()));
    try {
      JsonNode json = JSON.readTree(Files.readAllBytes(file));
      json.properties().forEach(entry -> values.put(entry.getKey(), text(entry.getValue())));
      return new DaemonOptions(values, Optional.empty());
    } catch (NoSuchFileException e) {
      return new DaemonOptions(values, Optional.empty());
    } catch (JacksonException e) {
      return new DaemonOptions(
          values, Optional.of(file + " is not JSON: " + e.getOriginalMessage()));
    } catch (IOException e) {
      return new DaemonOptions(values, Optional.of(file + " cannot be read: " + e.getMessage()));
    }
  }

  private static Map<String, String> flags(List<String> words) {
    Map<String, String> values = new TreeMap<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (!word.startsWith("--")) {
        continue;
      }
      String[] parts = word.substring(2).split("=", 2);
      String name = LISTS.contains(parts[0]) ? parts[0] + "s" : parts[0];
      boolean apart = i + 1 < words.size() && !words.get(i + 1).startsWith("-");
      values.put(name, parts.length == 2 ? parts[1] : apart ? words.get(i + 1) : "true");
    }
    return values;
  }

  private static String text(JsonNode value) {
    return value.isString() ? value.stringValue() : value.toString();
  }
}
