package dev.jubelet.kubelet.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class BoundedYamlTest {
  private static List<JsonNode> read(String text) throws YamlException {
    return BoundedYaml.documents(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsSeveralDocumentsAndSkipsEmptyOnes() throws YamlException {
    assertThat(read("a: 1\n---\n# nothing\n---\nb: [x, {c: d}]\n"))
        .hasToString("[{\"a\":1}, {\"b\":[\"x\",{\"c\":\"d\"}]}]");
  }

  @Test
  void readsOneOrSeveralJsonTexts() throws YamlException {
    assertThat(read("{\"a\": 1}\n{\"b\": null}")).hasToString("[{\"a\":1}, {\"b\":null}]");
  }

  @ParameterizedTest
  @CsvSource({
    "yes,true",
    "Off,false",
    "0644,420",
    "0x10,16",
    "0b101,5",
    "0o17,15",
    "1_000,1000",
    "-7,-7",
    "1.5,1.5",
    "~,null",
    "1e3,1000.0",
    "'''yes''','\"yes\"'",
    "'!!str 5','\"5\"'",
    "1.2.3,'\"1.2.3\"'",
    "2001-01-01,'\"2001-01-01\"'"
  })
  void scalarsMeanWhatTheyMeanToUpstream(String written, String json) throws YamlException {
    assertThat(read("v: " + written).getFirst().get("v").toString()).isEqualTo(json);
  }

  @Test
  void aliasesAndMergesAreCarriedOut() throws YamlException {
    assertThat(read("a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, y: 3}"))
        .hasToString("[{\"a\":{\"x\":1,\"y\":2},\"b\":{\"x\":1,\"y\":2},\"c\":{\"y\":3,\"x\":1}}]");
  }

  @Test
  void anAliasBombIsRefused() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 30; i++) {
      String ref = "*a" + (i - 1);
      bomb.append(
          "a%d: &a%d [%s]\n".formatted(i, i, String.join(",", Collections.nCopies(9, ref))));
    }
    assertThatThrownBy(() -> read(bomb.toString()))
        .isInstanceOf(YamlException.class)
        .hasMessageContaining("line 6")
        .hasMessageContaining("more than 200000 values");
  }

  @Test
  void anAliasToItselfIsRefused() {
    assertThatThrownBy(() -> read("a: &a [*a]")).hasMessageContaining("names no anchor before it");
  }

  @Test
  void depthIsBoundedInYamlAndJson() {
    String deep = "[".repeat(100_000);
    assertThatThrownBy(() -> read("a: " + deep)).hasMessageContaining("nested deeper than 100");
    assertThatThrownBy(() -> read("{\"a\":" + deep)).hasMessageContaining("nesting depth");
    assertThatThrownBy(() -> read("- ".repeat(10_000) + "x"))
        .hasMessageContaining("nested deeper than 100");
  }

  @Test
  void sizeIsBounded() {
    byte[] large = new byte[BoundedYaml.MAX_BYTES + 1];
    Arrays.fill(large, (byte) '#');
    assertThatThrownBy(() -> BoundedYaml.documents(large))
        .hasMessage("is larger than 10 MiB: split it");
  }

  @Test
  void manySmallValuesAreBounded() {
    assertThatThrownBy(() -> read("- x\n".repeat(600_000)))
        .hasMessageContaining("more than 200000 values");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a: 1\nb: 2\na: 3", "{\"a\":1,\n\"b\":2,\n\"a\":3}"})
  void aKeyGivenTwiceIsRefusedWithItsLine(String text) {
    assertThatThrownBy(() -> read(text)).hasMessageContaining("line 3").hasMessageContaining("a");
  }

  @Test
  void brokenTextNamesTheLine() {
    assertThatThrownBy(() -> read("a: 1\n\tb: 2")).hasMessageContaining("line 2");
    assertThatThrownBy(() -> read("{\"a\": 1")).hasMessageContaining("is not valid JSON");
    assertThatThrownBy(() -> BoundedYaml.documents(new byte[] {(byte) 0xff, 'a'}))
        .hasMessage("is not UTF-8 text: save it as UTF-8");
    assertThatThrownBy(() -> read("a: .inf")).hasMessageContaining("no number");
    assertThatThrownBy(() -> read("a: !!java.lang.Runtime {}\nb: !x y"))
        .hasMessageContaining("tag !x is not known");
  }

  @Test
  void nearestNamesWhatWasMeant() {
    List<String> known = List.of("restartPolicy", "containers", "volumes");
    assertThat(Nearest.to("restartpolcy", known)).contains("restartPolicy");
    assertThat(Nearest.to("somethingElse", known)).isEmpty();
  }
}
