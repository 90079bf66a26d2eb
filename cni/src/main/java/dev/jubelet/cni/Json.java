package dev.jubelet.cni;

import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// JSON as Go's encoder and ours agree on it: no number loses precision, nothing follows the value.
final class Json {
  static final JsonMapper MAPPER = JsonMapper.builder()
      .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();

  private Json() {}

  /// @throws tools.jackson.core.JacksonException when it is not JSON
  /// @throws CniException when it is another value than an object
  static ObjectNode object(byte[] text, String what) throws CniException {
    JsonNode node = MAPPER.readTree(text);
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new CniException(what + " is not a JSON object");
  }
}
