package dev.jubelet.kubelet.yaml;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

/// YAML or JSON text to trees, one per document, in bounded time and memory: at most [#MAX_BYTES]
/// of text, [#MAX_DEPTH] levels and [#MAX_VALUES] values, what aliases repeat included. A key given
/// twice is an error. Scalars mean what they mean to upstream's parser (YAML 1.1: `yes` is a
/// boolean, `0644` is octal), so a file that is right here is right there.
public final class BoundedYaml {
  /// Upstream's limit of a manifest.
  public static final int MAX_BYTES = 10 * 1024 * 1024;

  static final int MAX_DEPTH = 100;
  static final int MAX_VALUES = 200_000;

  private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder()
              .maxNestingDepth(MAX_DEPTH)
              .maxTokenCount(3L * MAX_VALUES)
              .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build())
      .build();

  private BoundedYaml() {}

  /// @return a tree for each document that is not empty; text that begins with a brace is read as
  ///     JSON
  public static List<JsonNode> documents(byte[] bytes) throws YamlException {
    if (bytes.length > MAX_BYTES) {
      throw new YamlException(
          "is larger than %d MiB: split it".formatted(MAX_BYTES / (1024 * 1024)));
    }
    String text = decode(bytes);
    return text.stripLeading().startsWith("{") ? json(text) : yaml(text);
  }

  private static String decode(byte[] bytes) throws YamlException {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') >= 0) { // written so, or what is no UTF-8 became it
      requireUtf8(bytes);
    }
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  private static void requireUtf8(byte[] bytes) throws YamlException {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
    } catch (CharacterCodingException e) {
      throw new YamlException("is not UTF-8 text: save it as UTF-8");
    }
  }

  private static List<JsonNode> json(String text) throws YamlException {
    List<JsonNode> documents = new ArrayList<>();
    try (MappingIterator<JsonNode> values = JSON.readerFor(JsonNode.class).readValues(text)) {
      while (values.hasNextValue()) {
        documents.add(values.nextValue());
      }
    } catch (JacksonException e) {
      throw new YamlException("is not valid JSON: " + located(e));
    }
    return documents;
  }

  private static String located(JacksonException e) {
    String problem = e.getOriginalMessage();
    return e.getLocation() == null
        ? problem
        : "line %d, column %d: %s"
            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr(), problem);
  }

  private static List<JsonNode> yaml(String text) throws YamlException {
    LoadSettings settings =
        LoadSettings.builder().setCodePointLimit(MAX_BYTES).setLabel("manifest").build();
    try {
      List<JsonNode> documents = new ArrayList<>();
      Iterator<Event> events = new Parse(settings).parseString(text).iterator();
      int values = 0;
      while (events.hasNext()) {
        if (events.next().getEventId() == Event.ID.DocumentStart) {
          YamlDocument document = new YamlDocument(events, values);
          document.read().ifPresent(documents::add);
          values = document.values();
        }
      }
      return documents;
    } catch (MarkedYamlEngineException e) {
      throw new YamlException(
          e.getProblemMark().map(BoundedYaml::where).orElse("") + e.getProblem());
    } catch (YamlEngineException e) {
      throw new YamlException("is not valid YAML: " + e.getMessage());
    }
  }

  static String where(Mark mark) {
    return "line %d, column %d: ".formatted(mark.getLine() + 1, mark.getColumn() + 1);
  }
}
