package dev.jubelet.dockershim.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.dockershim.network.NetworkSurvey.Joined;
import dev.jubelet.dockershim.network.NetworkSurvey.Lease;
import dev.jubelet.dockershim.network.NetworkSurvey.Rule;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Base64;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkSurveyTest {
  private static final String OWNER = "11111111-2222-3333-4444-555555555555";

  @TempDir
  Path dir;

  private Path results;
  private NetworkSurvey survey;

  @BeforeEach
  void prepare() throws Exception {
    results = Files.createDirectories(dir.resolve("cache/results"));
    survey = new NetworkSurvey(Files.createDirectories(dir.resolve("net.d")), dir.resolve("cache"));
  }

  @Test
  void readsWhatWasJoinedAndWhereItsAddressIsLeased() throws Exception {
    entry("blue-abc-eth0", "abc", network("blue"), """
        , "dev.jubelet": {"owner": "%s", "netns": "net:[7]"},
        "result": {"cniVersion": "1.0.0",
          "interfaces": [{"name": "br0"}, {"name": "veth1"}, {"name": "eth0", "sandbox": "/proc/7/ns/net"}],
          "ips": [{"address": "10.9.0.2/24", "interface": 2}]}""".formatted(OWNER));
    assertThat(survey.joined())
        .containsExactly(new Joined(
            results.resolve("blue-abc-eth0"),
            "abc",
            OWNER,
            "blue",
            "net:[7]",
            false,
            Set.of("br0", "veth1"),
            Set.of("br0"),
            Set.of(),
            Set.of(dir.resolve("leases/blue/10.9.0.2"))));
  }

  @Test
  void anAddThatWasCutShortAndOneOfLibcnis() throws Exception {
    entry("blue-abc-eth0", "abc", network("blue"), "");
    assertThat(survey.joined().getFirst().cutShort()).as("under way").isFalse();
    Files.setLastModifiedTime(results.resolve("blue-abc-eth0"), FileTime.fromMillis(0));
    Joined cut = survey.joined().getFirst();
    assertThat(cut.cutShort()).isTrue();
    assertThat(cut.owner()).isEmpty();
    assertThat(cut.leases()).isEmpty();
  }

  @Test
  void changesNothing() throws Exception {
    Path broken = Files.writeString(results.resolve("blue-x-eth0"), "{");
    assertThat(survey.joined()).isEmpty();
    assertThat(broken).exists();
    assertThat(new NetworkSurvey(dir.resolve("none"), dir.resolve("none")).joined())
        .isEmpty();
  }

  @Test
  void leasesOfTheConfiguredNetworksAndOfThoseThatWeWereOn() throws Exception {
    Files.writeString(dir.resolve("net.d/10.conflist"), network("blue"));
    Files.writeString(dir.resolve("net.d/20.conf"), "no network");
    entry(
        "green-abc-eth0",
        "abc",
        network("green"),
        ", \"dev.jubelet\": {\"owner\": \"%s\"}".formatted(OWNER));
    entry("red-abc-eth0", "abc", network("red"), "");
    for (String network : Set.of("blue", "green", "red")) {
      Path leases = Files.createDirectories(dir.resolve("leases").resolve(network));
      Files.writeString(leases.resolve("10.9.0.7"), network + "-sandbox\r\neth0");
      Files.writeString(leases.resolve("fd00::7"), network + "-sandbox\r\neth0");
      Files.writeString(leases.resolve("last_reserved_ip.0"), "10.9.0.7");
      Files.writeString(leases.resolve("lock"), "");
    }
    assertThat(survey.networks(Set.of(OWNER))).containsExactlyInAnyOrder("blue", "green");
    assertThat(survey.leases(Set.of(OWNER)))
        .containsExactlyInAnyOrder(
            lease("blue", "10.9.0.7"),
            lease("blue", "fd00::7"),
            lease("green", "10.9.0.7"),
            lease("green", "fd00::7"));
  }

  @Test
  void aRuleNamesItsChain() {
    assertThat(new Rule("iptables", "nat", "-A CNI-1 -j ACCEPT").chain()).isEqualTo("CNI-1");
    assertThat(new Rule("iptables", "nat", "").chain()).isEmpty();
  }

  private Lease lease(String network, String address) {
    return new Lease(
        dir.resolve("leases").resolve(network).resolve(address),
        address,
        network,
        network + "-sandbox");
  }

  private String network(String name) {
    return """
        {"cniVersion": "1.0.0", "name": "%s", "plugins": [
          {"type": "bridge", "bridge": "br0",
           "ipam": {"type": "host-local", "dataDir": "%s"}}]}
        """.formatted(name, dir.resolve("leases"));
  }

  private void entry(String file, String id, String config, String more) throws Exception {
    String base64 = Base64.getEncoder().encodeToString(config.getBytes(StandardCharsets.UTF_8));
    Files.writeString(results.resolve(file), """
        {"kind": "cniCacheV1", "containerId": "%s", "config": "%s", "ifName": "eth0",
         "networkName": "%s" %s}
        """.formatted(
            id, base64, file.substring(0, file.indexOf('-')), more));
  }
}
