package dev.jubelet.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.kubelet.resource.TestPods;
import dev.jubelet.kubelet.volume.PodVolumes.HostNames;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostsFileTest {
  private static final HostNames NAMES =
      new HostNames(List.of("10.1.0.2", "fd00::2"), "web", "sub.shop.svc.cluster.local");

  @Test
  void managed() {
    var pod = TestPods.spec(
        "hostAliases: [{ip: 1.2.3.4, hostnames: [a, b]}, {ip: 5.6.7.8, hostnames: [c]}]");
    assertThat(HostsFile.managed(pod, NAMES)).isEqualTo("""
        # Kubernetes-managed hosts file.
        127.0.0.1\tlocalhost
        ::1\tlocalhost ip6-localhost ip6-loopback
        fe00::0\tip6-localnet
        fe00::0\tip6-mcastprefix
        fe00::1\tip6-allnodes
        fe00::2\tip6-allrouters
        10.1.0.2\tweb.sub.shop.svc.cluster.local\tweb
        fd00::2\tweb.sub.shop.svc.cluster.local\tweb

        # Entries added by HostAliases.
        1.2.3.4\ta\tb
        5.6.7.8\tc
        """);
  }

  @Test
  void withoutDomain() {
    var names = new HostNames(List.of("10.1.0.2"), "web", "");
    assertThat(HostsFile.managed(TestPods.spec("{}"), names)).endsWith("\n10.1.0.2\tweb\n");
  }

  @Test
  void hostNetworkShowsTheNodesFile() {
    var pod = TestPods.spec("{hostNetwork: true, hostAliases: [{ip: 1.2.3.4, hostnames: [a]}]}");
    assertThat(HostsFile.hostNetwork(pod, "127.0.0.1 node\n")).isEqualTo("""
        # Kubernetes-managed hosts file (host network).
        127.0.0.1 node

        # Entries added by HostAliases.
        1.2.3.4\ta
        """);
  }

  @Test
  void neededWhenThereIsSomethingToSay() {
    var nothing = new HostNames(List.of(), "web", "");
    assertThat(HostsFile.needed(TestPods.spec("{}"), nothing)).isFalse();
    assertThat(HostsFile.needed(TestPods.spec("{}"), NAMES)).isTrue();
    assertThat(HostsFile.needed(TestPods.spec("hostNetwork: true"), nothing)).isTrue();
    assertThat(HostsFile.needed(
            TestPods.spec("hostAliases: [{ip: 1.2.3.4, hostnames: [a]}]"), nothing))
        .isTrue();
  }
}
