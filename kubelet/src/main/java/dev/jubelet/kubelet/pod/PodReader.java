package dev.jubelet.kubelet.pod;

import dev.jubelet.kubelet.yaml.BoundedYaml;
import dev.jubelet.kubelet.yaml.YamlException;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Manifest text (YAML or JSON, several documents, `PodList` and `List` too) to pods. Text is
/// bounded by [BoundedYaml]; each document stands alone, so a bad one costs no other.
public final class PodReader {
  /// What to do about a field that the model does not know.
  public enum UnknownFields {
    /// A problem that names it: for what people write.
    REFUSE,
    /// Dropped: for objects of an API server, which may be newer than we are.
    DROP
  }

  static final JsonMapper JSON = JsonMapper.builder()
      .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
      .build();

  private final UnknownFields unknownFields;

  public PodReader(UnknownFields unknownFields) {
    this.unknownFields = unknownFields;
  }

  /// @throws YamlException when the text as a whole cannot be read
  public List<ManifestPod> read(byte[] text) throws YamlException {
    List<ManifestPod> pods = new ArrayList<>();
    for (JsonNode document : BoundedYaml.documents(text)) {
      for (JsonNode object : objects(document)) {
        pods.add(pod(object, pods.size() + 1));
      }
    }
    return pods;
  }

  private static List<JsonNode> objects(JsonNode document) {
    String kind = text(document, "kind");
    JsonNode items = document.get("items");
    if ((kind.equals("PodList") || kind.equals("List")) && items != null && items.isArray()) {
      List<JsonNode> objects = new ArrayList<>();
      items.forEach(item -> objects.add(kind.equals("List") ? item : typed(item)));
      return objects;
    }
    return List.of(document);
  }

  /// Items of a PodList may leave out what the list's kind says.
  private static JsonNode typed(JsonNode item) {
    if (!(item instanceof ObjectNode object) || object.has("kind")) {
      return item;
    }
    ObjectNode typed = object.deepCopy();
    typed.put("apiVersion", "v1");
    typed.put("kind", "Pod");
    return typed;
  }

  private ManifestPod pod(JsonNode document, int number) {
    FieldErrors errors = new FieldErrors();
    checkKind(document, errors);
    String name = name(document);
    if (!errors.isEmpty()) {
      return new ManifestPod(number, name, Optional.empty(), document, errors.list());
    }
    new ModelShape(errors, unknownFields == UnknownFields.REFUSE).check(document, Pod.class, "");
    if (!errors.isEmpty()) {
      return new ManifestPod(number, name, Optional.empty(), document, errors.list());
    }
    return bound(document, number, name);
  }

  private static ManifestPod bound(JsonNode document, int number, String name) {
    try {
      JsonNode canonical = canonical(document);
      Pod pod = JSON.treeToValue(canonical, Pod.class);
      return new ManifestPod(number, name, Optional.of(pod), canonical, List.of());
    } catch (JacksonException e) {
      return new ManifestPod(
          number,
          name,
          Optional.empty(),
          document,
          List.of("cannot be read: " + e.getOriginalMessage()));
    }
  }

  private static void checkKind(JsonNode document, FieldErrors errors) {
    if (!document.isObject()) {
      String shown = document.isValueNode() ? document.asString() : "a list";
      errors.invalid("document", shown, "must be a mapping that begins a Pod");
      return;
    }
    String kind = text(document, "kind");
    String version = text(document, "apiVersion");
    if (kind.isEmpty()) {
      errors.required("kind", "write kind: Pod");
    } else if (!kind.equals("Pod")) {
      errors.notBuilt("kind", "%s is no kind that runs here, only Pod is".formatted(brief(kind)));
    } else if (version.isEmpty()) {
      errors.required("apiVersion", "write apiVersion: v1");
    } else if (!version.equals("v1")) {
      errors.unsupported("apiVersion", version, "v1");
    }
  }

  /// Keys sorted and nulls left out: `env:` without a value means what its absence means.
  private static JsonNode canonical(JsonNode node) {
    if (node.isObject()) {
      ObjectNode sorted = JsonNodeFactory.instance.objectNode();
      node.properties().stream()
          .filter(e -> !e.getValue().isNull())
          .sorted(Map.Entry.comparingByKey())
          .forEach(e -> sorted.set(e.getKey(), canonical(e.getValue())));
      return sorted;
    }
    if (node.isArray()) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      node.forEach(element -> array.add(canonical(element)));
      return array;
    }
    return node;
  }

  private static String name(JsonNode document) {
    JsonNode metadata = document.get("metadata");
    String name = metadata == null ? "" : text(metadata, "name");
    if (metadata == null || name.isEmpty()) {
      return "";
    }
    String namespace = text(metadata, "namespace");
    return brief((namespace.isEmpty() ? "default" : namespace) + "/" + name);
  }

  private static String text(JsonNode object, String field) {
    JsonNode value = object.get(field);
    return value != null && value.isString() ? value.stringValue() : "";
  }

  private static String brief(String text) {
    return text.length() <= 300 ? text : text.substring(0, 300) + "…";
  }
}
