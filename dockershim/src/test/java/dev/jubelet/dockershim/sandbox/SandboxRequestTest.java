package dev.jubelet.dockershim.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.cri.v1.LinuxPodSandboxConfig;
import dev.jubelet.cri.v1.LinuxSandboxSecurityContext;
import dev.jubelet.cri.v1.NamespaceMode;
import dev.jubelet.cri.v1.NamespaceOption;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.PortMapping;
import dev.jubelet.cri.v1.Protocol;
import dev.jubelet.dockershim.docker.DockerApi.HostConfig;
import dev.jubelet.dockershim.docker.DockerApi.PortBinding;
import dev.jubelet.dockershim.engine.EngineFacts;
import dev.jubelet.dockershim.network.DockerNetwork;
import dev.jubelet.dockershim.network.NoneNetwork;
import dev.jubelet.dockershim.network.PodNetwork;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SandboxRequestTest {
  private final PodNetwork docker = new DockerNetwork(id -> List.of());

  @Test
  void hasItsOwnNamespacesByDefault() {
    HostConfig host = of(PodSandboxConfig.newBuilder(), new NoneNetwork());
    assertThat(host.networkMode()).isEqualTo("none");
    assertThat(host.ipcMode()).isEqualTo("shareable");
    assertThat(host.pidMode()).isNull();
    assertThat(host.cgroupnsMode()).isEqualTo("private");
    assertThat(host.oomScoreAdj()).isEqualTo(-998);
    assertThat(host.resources().cpuShares()).isEqualTo(2);
    assertThat(host.securityOpt()).containsExactly("no-new-privileges");
    assertThat(host.shmSize()).isEqualTo(67108864);
    assertThat(host.privileged()).isFalse();
  }

  @Test
  void theHostsNamespaces() {
    HostConfig host = of(
        namespaces(NamespaceOption.newBuilder()
            .setNetwork(NamespaceMode.NODE)
            .setPid(NamespaceMode.NODE)
            .setIpc(NamespaceMode.NODE)),
        docker);
    assertThat(host.networkMode()).isEqualTo("host");
    assertThat(host.ipcMode()).isEqualTo("host");
    assertThat(host.pidMode()).isEqualTo("host");
  }

  @Test
  void dockerPublishesPortsOnlyOnItsOwnBridge() {
    PodSandboxConfig.Builder config = PodSandboxConfig.newBuilder()
        .addPortMappings(port(Protocol.UDP, 53, 5353))
        .addPortMappings(port(Protocol.TCP, 80, 0));
    assertThat(of(config, docker).portBindings())
        .containsExactly(new PortBinding("udp", 53, 5353, ""));
    assertThat(of(config, new NoneNetwork()).portBindings()).isEmpty();
    assertThatThrownBy(() -> SandboxRequest.ports(PodSandboxConfig.newBuilder()
            .addPortMappings(port(Protocol.TCP, 80, 70000))
            .build()))
        .hasMessageContaining("port_mappings.host_port 70000");
  }

  @Test
  void sysctlsAreChecked() {
    assertThatThrownBy(() -> of(
            PodSandboxConfig.newBuilder()
                .setLinux(LinuxPodSandboxConfig.newBuilder().putSysctls("kernel.x+y", "1")),
            docker))
        .hasMessageContaining("sysctls");
  }

  private static HostConfig of(PodSandboxConfig.Builder config, PodNetwork network) {
    EngineFacts facts = new EngineFacts(
        "1", "1.41", "cgroupfs", true, "/docker", "json-file", false, false, Optional.empty());
    return SandboxRequest.of(config.build(), "pause", Map.of(), network, facts).hostConfig();
  }

  private static PodSandboxConfig.Builder namespaces(NamespaceOption.Builder options) {
    return PodSandboxConfig.newBuilder()
        .setLinux(LinuxPodSandboxConfig.newBuilder()
            .setSecurityContext(
                LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(options)));
  }

  private static PortMapping port(Protocol protocol, int container, int host) {
    return PortMapping.newBuilder()
        .setProtocol(protocol)
        .setContainerPort(container)
        .setHostPort(host)
        .build();
  }
}
