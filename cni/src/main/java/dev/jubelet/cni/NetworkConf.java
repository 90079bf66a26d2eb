package dev.jubelet.cni;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A network: the plugins to run, in order. Made from a `.conflist`, or from a `.conf` or `.json`
/// with one plugin. `source` is the configuration's own text, which the result cache keeps so that
/// DEL runs with what ADD ran with.
public record NetworkConf(
    String name,
    String cniVersion,
    boolean disableCheck,
    boolean disableGc,
    List<Plugin> plugins,
    String source) {

  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.\\-]*");

  public NetworkConf {
    plugins = List.copyOf(plugins);
  }

  /// One plugin's part; `capabilities` are those that it declares as true.
  public record Plugin(String type, Set<String> capabilities, ObjectNode json) {
    public Plugin {
      capabilities = Set.copyOf(capabilities);
    }
  }

  /// Whether any plugin takes this capability, for example `portMappings`.
  public boolean takes(String capability) {
    return plugins.stream().anyMatch(plugin -> plugin.capabilities().contains(capability));
  }

  /// @throws CniException naming the wrong field
  public static NetworkConf parse(byte[] text) throws CniException {
    ObjectNode json;
    try {
      json = Json.object(text, "network configuration");
    } catch (JacksonException e) {
      throw new CniException("network configuration is not JSON: " + e.getOriginalMessage(), e);
    }
    String version = version(json);
    String name = json.path("name").stringValue("");
    if (!NAME.matcher(name).matches()) {
      throw new CniException(
          "name \"" + name + "\" is not a network name (letters, digits, \"_\", \".\" and \"-\")");
    }
    return new NetworkConf(
        name,
        version,
        flag(json, "disableCheck"),
        flag(json, "disableGC"),
        plugins(json, name),
        new String(text, StandardCharsets.UTF_8));
  }

  private static String version(ObjectNode json) throws CniException {
    String version = json.path("cniVersion").stringValue("");
    List<String> offered = new ArrayList<>();
    json.path("cniVersions").forEach(node -> offered.add(node.stringValue("")));
    if (!offered.isEmpty()) {
      return CniVersion.SUPPORTED.reversed().stream()
          .filter(known -> offered.contains(known) || known.equals(version))
          .findFirst()
          .orElseThrow(() -> new CniException(
              "cniVersions " + offered + " holds none of " + CniVersion.SUPPORTED));
    }
    String effective = version.isEmpty() ? "0.1.0" : version;
    if (!CniVersion.supported(effective)) {
      throw new CniException(
          "cniVersion \"" + effective + "\" is not one of " + CniVersion.SUPPORTED);
    }
    return effective;
  }

  private static List<Plugin> plugins(ObjectNode json, String name) throws CniException {
    JsonNode list = json.path("plugins");
    if (list.isMissingNode() && json.path("type").isMissingNode()) {
      throw new CniException("network \"" + name + "\" has neither \"plugins\" nor a \"type\"");
    }
    if (list.isMissingNode()) {
      return List.of(plugin(json, "type"));
    }
    if (!list.isArray() || list.isEmpty()) {
      throw new CniException("plugins of network \"" + name + "\" is not a list of plugins");
    }
    List<Plugin> plugins = new ArrayList<>();
    for (JsonNode entry : list) {
      plugins.add(plugin(entry, "plugins[" + plugins.size() + "].type"));
    }
    return plugins;
  }

  private static Plugin plugin(JsonNode json, String field) throws CniException {
    if (!(json instanceof ObjectNode object)) {
      throw new CniException(field.replace(".type", "") + " is not a JSON object");
    }
    String type = object.path("type").stringValue("");
    PluginDirs.requireType(type, field);
    Set<String> capabilities = new LinkedHashSet<>();
    for (var entry : object.path("capabilities").properties()) {
      if (entry.getValue().asBoolean(false)) {
        capabilities.add(entry.getKey());
      }
    }
    return new Plugin(type, capabilities, object);
  }

  /// libcni takes the strings "true" and "false" too.
  private static boolean flag(ObjectNode json, String field) throws CniException {
    JsonNode node = json.path(field);
    String text = node.isBoolean() ? String.valueOf(node.booleanValue()) : node.stringValue("");
    return switch (text) {
      case "true" -> true;
      case "false", "" -> false;
      default -> throw new CniException(field + " \"" + text + "\" is neither true nor false");
    };
  }
}
