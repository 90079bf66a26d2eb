package dev.jubelet.dockershim.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.dockershim.network.PodNetwork.HostPort;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CniCapabilitiesTest {
  @Test
  void portMappingsAreThePublishedPortsInLowerCase() throws Exception {
    List<HostPort> ports =
        List.of(new HostPort("TCP", 80, 8080, "10.0.0.1"), new HostPort("udp", 53, 0, ""));

    var values = CniCapabilities.of(ports, List.of(), Map.of());

    assertThat(values.get("portMappings"))
        .hasToString("[{\"hostPort\":8080,\"containerPort\":80,\"protocol\":\"tcp\","
            + "\"hostIP\":\"10.0.0.1\"}]");
    assertThat(values).containsOnlyKeys("portMappings");
    assertThat(CniCapabilities.ports(Objects.requireNonNull(values.get("portMappings"))))
        .containsExactly(new HostPort("tcp", 80, 8080, "10.0.0.1"));
  }

  @Test
  void ipRangesHaveASetForEachFamily() throws Exception {
    var values = CniCapabilities.of(List.of(), List.of("10.1.0.0/24", "fd00::/64"), Map.of());

    assertThat(values.get("ipRanges"))
        .hasToString("[[{\"subnet\":\"10.1.0.0/24\"}],[{\"subnet\":\"fd00::/64\"}]]");
  }

  @ParameterizedTest
  @CsvSource({"1k,1000", "10M,10000000", "1.5G,1500000000", "1Ki,1024", "1000,1000", "2Mi,2097152"})
  void bandwidthIsBitsPerSecond(String text, long rate) throws Exception {
    var values =
        CniCapabilities.of(List.of(), List.of(), Map.of("kubernetes.io/ingress-bandwidth", text));

    assertThat(values.get("bandwidth"))
        .hasToString("{\"ingressRate\":" + rate + ",\"ingressBurst\":2147483647}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10", "x", "1K", "-1M", "2P", "1e3", "1m"})
  void anotherTextIsRefusedByName(String text) {
    assertThatThrownBy(() -> CniCapabilities.of(
            List.of(), List.of(), Map.of("kubernetes.io/egress-bandwidth", text)))
        .isInstanceOf(NetworkException.class)
        .hasMessageContaining("kubernetes.io/egress-bandwidth \"" + text + "\"");
  }
}
