package dev.jubelet.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.linux.Launcher;
import dev.jubelet.testkit.Fuzz;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/// Configurations, results, errors and cache entries of any bytes.
class CniFuzzTest {
  private static final String[] WORDS = {
    "\"cniVersion\":\"0.2.0\"", "\"ips\":", "\"address\":", "\"interface\":", "\"ip4\":",
        "\"plugins\":", "\"type\":",
    "\"capabilities\":", "\"routes\":", "\"code\":", "\"prevResult\":", "10.0.0.1/33",
        "::ffff:10.0.0.1/200", "/24"
  };

  @Test
  void anyConfigurationIsTakenOrRefused() throws Exception {
    Fuzz.of("conf").tokens(WORDS).throwing(CniException.class).run(bytes -> {
      NetworkConf network = NetworkConf.parse(bytes);
      assertThat(network.plugins()).isNotEmpty();
      network.plugins().forEach(plugin -> Json.MAPPER.writeValueAsBytes(plugin.json()));
    });
  }

  @Test
  void anyResultIsTakenOrRefusedAndGoesOnUnchanged() throws Exception {
    Fuzz.of("result")
        .tokens(WORDS)
        .throwing(CniException.class, JacksonException.class)
        .run(bytes -> {
          CniResult result = CniResult.parse(Json.object(bytes, "result"), "1.0.0");
          assertThat(result.ips()).allMatch(ip -> ip.isIpv6() == ip.host().contains(":"));
          byte[] previous = Json.MAPPER.writeValueAsBytes(result.json());
          assertThat(Json.object(previous, "prevResult")).isEqualTo(result.json());
        });
  }

  @Test
  void anyCacheEntryIsTakenOrRefused() throws Exception {
    Fuzz.of("cache")
        .tokens(WORDS)
        .throwing(CniException.class, JacksonException.class, IllegalArgumentException.class)
        .run(bytes -> {
          CachedAttachment entry = CachedAttachment.fromJson(bytes);
          CachedAttachment again = CachedAttachment.fromJson(entry.toJson());
          assertThat(again.attachment()).isEqualTo(entry.attachment());
          assertThat(again.config()).isEqualTo(entry.config());
          assertThat(again.result()).isEqualTo(entry.result());
          assertThat(again.notes()).isEqualTo(entry.notes());
          entry.parsedResult();
          entry.network();
        });
  }

  @Test
  void whateverAFailedPluginPrintsBecomesASentence() throws Exception {
    Fuzz.of("error").tokens(WORDS).run(bytes -> {
      for (int exit : new int[] {1, 137}) {
        byte[] nothing = {};
        CniException out = PluginProcess.error(
            "p", "ADD", new Launcher.Result(exit, bytes, nothing, false, false));
        CniException err = PluginProcess.error(
            "p", "ADD", new Launcher.Result(exit, nothing, bytes, false, false));
        assertThat(out).hasMessageStartingWith("plugin type=\"p\" failed (add): ");
        assertThat(err).hasMessageStartingWith("plugin type=\"p\" failed (add): ");
      }
    });
  }

  @Test
  void whateverAPluginAnswersIsAnObjectOrAnError() throws Exception {
    Fuzz.of("result")
        .tokens(WORDS)
        .throwing(CniException.class)
        .run(bytes -> PluginProcess.answer("p", "ADD", bytes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{\"a\":", "{\"ips\":[{\"a\":"})
  void depthIsBounded(String open) {
    byte[] deep = open.repeat(10_000).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> NetworkConf.parse(deep)).isInstanceOf(CniException.class);
    assertThatThrownBy(() -> PluginProcess.answer("p", "ADD", deep))
        .isInstanceOf(CniException.class)
        .hasMessageContaining("not JSON");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.2.3.4",
        "1.2.3.4/33",
        "/24",
        "1.2.3/24",
        "fd00::1/129",
        "a.example/8",
        "1.2.3.4/24\n"
      })
  void anAddressThatIsNoneIsRefusedByName(String address) {
    ObjectNode json = Json.MAPPER.createObjectNode().put("cniVersion", "1.0.0");
    json.putArray("ips").addObject().put("address", address);
    assertThatThrownBy(() -> CniResult.parse(json, "1.0.0"))
        .isInstanceOf(CniException.class)
        .hasMessageContaining("ips[0].address");
  }

  @Test
  void aNumberOfAThousandMillionDigitsCostsNothing() throws Exception {
    byte[] error = "{\"code\":1e999999999,\"msg\":\"m\"}".getBytes(StandardCharsets.UTF_8);
    long before = Fuzz.allocated();
    CniException e =
        PluginProcess.error("p", "ADD", new Launcher.Result(1, error, new byte[0], false, false));
    assertThat(e).hasMessageEndingWith(": m");
    assertThat(Fuzz.allocated() - before).isLessThan(10 << 20);
  }
}
