package dev.jubelet.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkConfTest {
  @Test
  void onePluginFileIsAListOfOne() throws Exception {
    NetworkConf network =
        parse("{\"name\":\"n\",\"type\":\"bridge\",\"capabilities\":{\"dns\":true}}");

    assertThat(network.plugins()).extracting(NetworkConf.Plugin::type).containsExactly("bridge");
    assertThat(network.cniVersion()).isEqualTo("0.1.0");
    assertThat(network.takes("dns")).isTrue();
  }

  @Test
  void takesTheNewestKnownOfSeveralVersions() throws Exception {
    NetworkConf network =
        parse("{\"name\":\"n\",\"cniVersion\":\"0.4.0\",\"cniVersions\":[\"1.1.0\",\"2.0.0\"],"
            + "\"disableCheck\":\"true\",\"disableGC\":true,\"plugins\":[{\"type\":\"a\"}]}");

    assertThat(network.cniVersion()).isEqualTo("1.1.0");
    assertThat(network.disableCheck()).isTrue();
    assertThat(network.disableGc()).isTrue();
  }

  /// CVE-2021-20206.
  @ParameterizedTest
  @ValueSource(strings = {"../x", "/x", "a/b", "..", "."})
  void aTypeWithAPathIsRefused(String type) {
    assertThatThrownBy(() -> parse("{\"name\":\"n\",\"plugins\":[{\"type\":\"" + type + "\"}]}"))
        .isInstanceOf(CniException.class)
        .hasMessageContaining("plugins[0].type \"" + type + "\" is not a plugin's name");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {                                       | is not JSON
      []                                      | is not a JSON object
      {"type":"a"}                            | name "" is not a network name
      {"name":"../n","type":"a"}              | name "../n" is not a network name
      {"name":"n"}                            | has neither "plugins" nor a "type"
      {"name":"n","plugins":[]}               | is not a list of plugins
      {"name":"n","plugins":{"type":"a"}}     | is not a list of plugins
      {"name":"n","plugins":[3]}              | plugins[0] is not a JSON object
      {"name":"n","plugins":[{}]}             | plugins[0].type "" is not a plugin's name
      {"name":"n","cniVersion":"7","type":"a"}| cniVersion "7" is not one of
      {"name":"n","cniVersions":["7"],"type":"a"}| cniVersions [7] holds none of
      {"name":"n","disableCheck":"si","type":"a"}| disableCheck "si" is neither true nor false
      """)
  void whatIsWrongIsNamed(String text, String problem) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(CniException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void deepNestingIsAnError() {
    String deep = "{\"name\":\"n\",\"type\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}";

    assertThatThrownBy(() -> parse(deep)).isInstanceOf(CniException.class);
  }

  private static NetworkConf parse(String text) throws CniException {
    return NetworkConf.parse(text.getBytes(StandardCharsets.UTF_8));
  }
}
