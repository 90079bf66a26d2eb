package dev.jubelet.kubelet.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// JSON is YAML: a text means the same whichever of the two readers takes it (but for U+0085 and
/// U+2028, which end a line in YAML 1.1).
class YamlOfJsonTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String[] TEXTS = {
    "",
    "yes",
    "null",
    "~",
    "0644",
    "1e3",
    "- x",
    "a: b",
    "#",
    "*a",
    "&a",
    "!t",
    "%",
    "@",
    "`",
    "'",
    "\"",
    "\\",
    "/",
    "\n",
    "\t",
    "\r\n",
    " x ",
    "\u00e9",
    "\uFEFFx",
    "\uD83D\uDE00",
    "<<",
    "=",
    "|"
  };

  private final Random random = new Random(1);

  @Test
  void bothReadersAgree() throws YamlException {
    for (int i = 0; i < 2000; i++) {
      ObjectNode tree = NODES.objectNode();
      fill(tree, 3);
      String text = JSON.writeValueAsString(tree);
      assertThat(read(text)).as(text).isEqualTo(tree.toString());
      assertThat(read("---\n" + text)).as(text).isEqualTo(tree.toString());
    }
  }

  private static String read(String text) throws YamlException {
    return BoundedYaml.documents(text.getBytes(StandardCharsets.UTF_8))
        .getFirst()
        .toString();
  }

  private void fill(ObjectNode object, int depth) {
    for (int i = random.nextInt(4); i >= 0; i--) {
      object.set(text() + i, node(depth - 1));
    }
  }

  private JsonNode node(int depth) {
    return switch (random.nextInt(depth > 0 ? 8 : 6)) {
      case 0 -> NODES.numberNode(random.nextInt() >> random.nextInt(32));
      case 1 -> NODES.numberNode(random.nextLong() >> random.nextInt(64));
      case 2 -> NODES.numberNode(random.nextInt(1000) / 8.0);
      case 3 -> NODES.booleanNode(random.nextBoolean());
      case 4, 5 -> NODES.stringNode(text());
      case 6 -> array(depth);
      default -> {
        ObjectNode object = NODES.objectNode();
        fill(object, depth);
        yield object;
      }
    };
  }

  private ArrayNode array(int depth) {
    ArrayNode array = NODES.arrayNode();
    for (int i = random.nextInt(4); i > 0; i--) {
      array.add(node(depth - 1));
    }
    return array;
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      text.append(TEXTS[random.nextInt(TEXTS.length)]);
    }
    return text.toString();
  }
}
