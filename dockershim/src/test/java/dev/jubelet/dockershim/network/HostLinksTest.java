package dev.jubelet.dockershim.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.cni.CniResult;
import dev.jubelet.cni.NetworkConf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;

class HostLinksTest {
  @Test
  void aBridgeButNotItsPorts() throws Exception {
    HostLinks links = HostLinks.of(conf("bridge", ""), result("br9", "veth12"));

    assertThat(links.names()).containsExactly("br9");
    assertThat(links.ipv4()).isTrue();
    assertThat(links.ipv6()).isFalse();
  }

  @Test
  void oldResultsNameNoInterfaces() throws Exception {
    assertThat(HostLinks.of(conf("bridge", ",\"bridge\":\"br9\""), result()).names())
        .containsExactly("br9");
    assertThat(HostLinks.of(conf("flannel", ""), result()).names()).containsExactly("cni0");
  }

  @Test
  void thePairOfPtp() throws Exception {
    assertThat(HostLinks.of(conf("ptp", ""), result("veth12")).names()).containsExactly("veth12");
  }

  @Test
  void noneForOthersAndForNamesThatIptablesReadsAsPatterns() throws Exception {
    assertThat(HostLinks.of(conf("calico", ""), result("cali12")).names()).isEmpty();
    assertThat(HostLinks.of(conf("macvlan", ""), result()).names()).isEmpty();
    assertThat(HostLinks.of(conf("bridge", ""), result("br+", "a\" -j x")).names())
        .isEmpty();
  }

  private static NetworkConf conf(String type, String more) throws Exception {
    String text = "{\"name\":\"n\",\"type\":\"%s\"%s}".formatted(type, more);
    return NetworkConf.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  private static CniResult result(String... hostLinks) {
    Stream<CniResult.Interface> host =
        Stream.of(hostLinks).map(name -> new CniResult.Interface(name, "", ""));
    Stream<CniResult.Interface> pod = Stream.of(new CniResult.Interface("eth0", "", "/proc/7"));
    return new CniResult(
        "1.0.0",
        Stream.concat(host, pod).toList(),
        List.of(new CniResult.Ip("10.1.0.2/16", Optional.empty(), OptionalInt.empty())),
        List.of(),
        new CniResult.Dns(List.of(), "", List.of(), List.of()),
        JsonNodeFactory.instance.objectNode());
  }
}
