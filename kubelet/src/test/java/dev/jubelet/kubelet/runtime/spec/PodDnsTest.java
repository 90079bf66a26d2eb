package dev.jubelet.kubelet.runtime.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.resource.TestPods;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodDnsTest {
  private static final String CLUSTER =
      "default.svc.cluster.local svc.cluster.local cluster.local corp.example";

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      {}                                                         | 10.96.0.10 | CLUSTER      | ndots:5
      {dnsPolicy: ClusterFirst}                                  | 10.96.0.10 | CLUSTER      | ndots:5
      {dnsPolicy: ClusterFirst, hostNetwork: true}               | 8.8.8.8    | corp.example | ''
      {dnsPolicy: ClusterFirstWithHostNet, hostNetwork: true}    | 10.96.0.10 | CLUSTER      | ndots:5
      {dnsPolicy: Default}                                       | 8.8.8.8    | corp.example | ''
      {dnsPolicy: None, dnsConfig: {nameservers: [1.1.1.1], searches: [a, b, a]}} | 1.1.1.1 | a b | ''
      {dnsPolicy: Default, dnsConfig: {nameservers: [8.8.8.8, 1.1.1.1], options: [{name: edns0}]}} | 8.8.8.8 1.1.1.1 | corp.example | edns0
      {dnsConfig: {options: [{name: ndots, value: "2"}, {name: debug}]}} | 10.96.0.10 | CLUSTER | ndots:2 debug
      """)
  void policies(String spec, String servers, String searches, String options) {
    PodDns dns = PodDns.of(TestPods.spec(spec), TestNode.DNS);
    assertThat(String.join(" ", dns.servers())).isEqualTo(servers);
    assertThat(String.join(" ", dns.searches())).isEqualTo(searches.replace("CLUSTER", CLUSTER));
    assertThat(String.join(" ", dns.options())).isEqualTo(options);
    assertThat(dns.warnings()).isEmpty();
  }

  @Test
  void withoutAClusterDnsTheNodesOwnIsTakenAndSaid() {
    DnsFacts facts = new DnsFacts(List.of(), "cluster.local", TestNode.DNS.host());
    FrozenPod pod = TestPods.spec("{}");
    PodDns dns = PodDns.of(pod, facts);
    assertThat(dns.servers()).containsExactly("8.8.8.8");
    assertThat(dns.warnings())
        .containsExactly(new PodDns.Warning(
            "MissingClusterDNS",
            "pod: \"%s(%s)\". kubelet does not have ClusterDNS IP configured and cannot create Pod using"
                    .formatted(pod.fullName(), pod.uid())
                + " \"ClusterFirst\" policy. Falling back to \"Default\" policy."));
  }

  @Test
  void withoutAResolverFilePodsAskThemselves() {
    PodDns dns = PodDns.of(
        TestPods.spec("dnsPolicy: Default"), new DnsFacts(List.of(), "", Optional.empty()));
    assertThat(dns.servers()).containsExactly("127.0.0.1");
    assertThat(dns.searches()).containsExactly(".");
  }

  @Test
  void limitsCutAndWarn() {
    String searches =
        IntStream.range(0, 40).mapToObj(i -> "s" + i).collect(Collectors.joining(","));
    PodDns dns = PodDns.of(
        TestPods.spec(
            "{dnsPolicy: None, dnsConfig: {nameservers: [1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4], searches: [%s]}}"
                .formatted(searches)),
        TestNode.DNS);
    assertThat(dns.servers()).containsExactly("1.1.1.1", "1.1.1.2", "1.1.1.3");
    assertThat(dns.searches()).hasSize(32).endsWith("s31");
    assertThat(dns.warnings())
        .extracting(PodDns.Warning::reason)
        .containsExactly("DNSConfigForming", "DNSConfigForming");
    assertThat(dns.warnings().getFirst().message())
        .endsWith("the applied nameserver line is: 1.1.1.1 1.1.1.2 1.1.1.3");
  }

  @Test
  void searchLineIsAtMost2048Characters() {
    String three = String.join(",", "a".repeat(1000), "b".repeat(1047), "c");
    PodDns dns = PodDns.of(
        TestPods.spec("{dnsPolicy: None, dnsConfig: {searches: [%s]}}".formatted(three)),
        TestNode.DNS);
    assertThat(dns.searches()).hasSize(2);
  }

  @Test
  void resolverFileIsReadAsTheResolverDoes() {
    ResolvConf conf = ResolvConf.parse("""
        # comment
        nameserver 1.1.1.1 ignored
        search old
        nameserver	2.2.2.2
        search a.example. b .
        options ndots:2
        options rotate timeout:1
        nameserver
        domain x
        """);
    assertThat(conf.nameservers()).containsExactly("1.1.1.1", "2.2.2.2");
    assertThat(conf.searches()).containsExactly("a.example", "b", ".");
    assertThat(conf.options()).containsExactly("rotate", "timeout:1");
  }
}
