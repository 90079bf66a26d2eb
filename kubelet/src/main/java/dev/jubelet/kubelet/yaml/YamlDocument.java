package dev.jubelet.kubelet.yaml;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// One YAML document from parser events. Aliases share the tree they name (trees are only read
/// afterwards) and count with their full size against the bound, so no alias bomb gets past here.
final class YamlDocument {
  private static final String MERGE = "<<";

  private final Iterator<Event> events;
  private final Map<String, Anchored> anchors = new HashMap<>();
  private int values;

  private record Anchored(JsonNode node, int size) {}

  /// @param values that the documents before it hold
  YamlDocument(Iterator<Event> events, int values) {
    this.events = events;
    this.values = values;
  }

  /// How many values it holds, with those of the documents before it.
  int values() {
    return values;
  }

  /// @return empty for a document without content
  Optional<JsonNode> read() throws YamlException {
    Event first = events.next();
    JsonNode root = node(first, 0);
    while (events.hasNext()) {
      if (events.next().getEventId() == Event.ID.DocumentEnd) {
        break;
      }
    }
    return root.isNull() ? Optional.empty() : Optional.of(root);
  }

  private JsonNode node(Event event, int depth) throws YamlException {
    count(event, 1);
    if (depth >= BoundedYaml.MAX_DEPTH) {
      throw at(event, "is nested deeper than %d levels".formatted(BoundedYaml.MAX_DEPTH));
    }
    if (event instanceof AliasEvent alias) {
      return alias(alias);
    }
    int before = values;
    JsonNode node = switch (event.getEventId()) {
      case Scalar -> YamlScalar.resolve((ScalarEvent) event);
      case SequenceStart -> sequence(depth);
      case MappingStart -> mapping(depth);
      default -> throw at(event, "expected a value");
    };
    ((NodeEvent) event)
        .getAnchor()
        .ifPresent(a -> anchors.put(a.getValue(), new Anchored(node, values - before + 1)));
    return node;
  }

  private JsonNode alias(AliasEvent event) throws YamlException {
    Anchored anchored = anchors.get(event.getAlias().getValue());
    if (anchored == null) {
      throw at(event, "alias *%s names no anchor before it".formatted(event.getAlias()));
    }
    count(event, anchored.size());
    return anchored.node();
  }

  private JsonNode sequence(int depth) throws YamlException {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    Event next = events.next();
    while (next.getEventId() != Event.ID.SequenceEnd) {
      array.add(node(next, depth + 1));
      next = events.next();
    }
    return array;
  }

  private JsonNode mapping(int depth) throws YamlException {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    List<JsonNode> merged = new ArrayList<>();
    Event key = events.next();
    while (key.getEventId() != Event.ID.MappingEnd) {
      String name = key(key);
      boolean merge = name.equals(MERGE) && ((ScalarEvent) key).isPlain();
      JsonNode value = node(events.next(), depth + 1);
      if (merge) {
        mergeSources(key, value, merged);
      } else if (object.has(name)) {
        throw at(key, "key \"%s\" is given twice: remove one".formatted(YamlScalar.brief(name)));
      } else {
        object.set(name, value);
      }
      key = events.next();
    }
    for (JsonNode source : merged) {
      source.properties().stream()
          .filter(e -> !object.has(e.getKey()))
          .forEach(e -> object.set(e.getKey(), e.getValue()));
    }
    return object;
  }

  private String key(Event event) throws YamlException {
    count(event, 1);
    if (!(event instanceof ScalarEvent scalar) || YamlScalar.resolve(scalar).isNull()) {
      throw at(event, "a key must be text");
    }
    scalar
        .getAnchor()
        .ifPresent(a -> anchors.put(
            a.getValue(), new Anchored(JsonNodeFactory.instance.stringNode(scalar.getValue()), 1)));
    return scalar.getValue();
  }

  private static void mergeSources(Event key, JsonNode value, List<JsonNode> into)
      throws YamlException {
    List<JsonNode> sources = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(sources::add);
    } else {
      sources.add(value);
    }
    for (JsonNode source : sources) {
      if (!source.isObject()) {
        throw at(key, "a merge (<<) takes a mapping or a list of mappings");
      }
      into.add(source);
    }
  }

  private void count(Event event, int more) throws YamlException {
    values += more;
    if (values > BoundedYaml.MAX_VALUES) {
      throw at(
          event,
          "holds more than %d values, with what its aliases repeat: make it smaller"
              .formatted(BoundedYaml.MAX_VALUES));
    }
  }

  private static YamlException at(Event event, String problem) {
    return new YamlException(event.getStartMark().map(BoundedYaml::where).orElse("") + problem);
  }
}
