package dev.jubelet.dockershim.sandbox;

import dev.jubelet.cri.v1.NamespaceMode;
import dev.jubelet.cri.v1.NamespaceOption;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.dockershim.docker.DockerApi.CreateContainer;
import dev.jubelet.dockershim.docker.DockerApi.HostConfig;
import dev.jubelet.dockershim.docker.DockerApi.PortBinding;
import dev.jubelet.dockershim.docker.DockerApi.Resources;
import dev.jubelet.dockershim.engine.EngineFacts;
import dev.jubelet.dockershim.engine.LogOptions;
import dev.jubelet.dockershim.naming.CgroupParent;
import dev.jubelet.dockershim.network.PodNetwork;
import dev.jubelet.dockershim.network.PodNetwork.HostPort;
import dev.jubelet.dockershim.security.ContainerSecurity;
import dev.jubelet.dockershim.security.Sysctls;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A sandbox's CRI config as the body of Docker's create. Pure.
final class SandboxRequest {
  /// The sandbox dies last of its pod.
  private static final int OOM_SCORE_ADJ = -998;

  private static final Resources RESOURCES = new Resources(2, 0, 0, 0, 0, "", "");
  private static final long SHM_BYTES = 64L << 20;

  private SandboxRequest() {}

  static CreateContainer of(
      PodSandboxConfig config,
      String image,
      Map<String, String> labels,
      PodNetwork network,
      EngineFacts facts) {
    ContainerSecurity security = ContainerSecurity.of(config.getLinux().getSecurityContext());
    return new CreateContainer(
        image,
        config.getHostname().isEmpty() ? null : config.getHostname(),
        null,
        security.user(),
        List.of(),
        null,
        null,
        null,
        false,
        false,
        false,
        null,
        labels,
        host(config, security, network, facts));
  }

  private static HostConfig host(
      PodSandboxConfig config, ContainerSecurity security, PodNetwork network, EngineFacts facts) {
    NamespaceOption namespaces = config.getLinux().getSecurityContext().getNamespaceOptions();
    boolean hostNetwork = onHostNetwork(config);
    boolean hostIpc = namespaces.getIpc() == NamespaceMode.NODE;
    LogOptions logs = LogOptions.ofSandbox();
    String parent = CgroupParent.of(config.getLinux().getCgroupParent(), facts.cgroupDriver());
    return new HostConfig(
        hostNetwork ? "host" : network.dockerNetworkMode(),
        hostIpc ? "host" : "shareable",
        namespaces.getPid() == NamespaceMode.NODE ? "host" : null,
        null,
        facts.cgroupV2() ? "private" : "host",
        parent.isEmpty() ? null : parent,
        List.of(),
        hostNetwork || !network.dockerPublishesPorts() ? List.of() : bindings(config),
        security.securityOpt(),
        List.of(),
        List.of(),
        security.groupAdd(),
        Sysctls.checked(config.getLinux().getSysctlsMap(), hostNetwork, hostIpc),
        false,
        security.readonlyRootfs(),
        null,
        null,
        facts.oomScoreAdj(OOM_SCORE_ADJ),
        RESOURCES,
        List.of(),
        SHM_BYTES,
        logs.driver(),
        logs.options(),
        null);
  }

  static boolean onHostNetwork(PodSandboxConfig config) {
    return config.getLinux().getSecurityContext().getNamespaceOptions().getNetwork()
        == NamespaceMode.NODE;
  }

  /// The published ports of the pod.
  ///
  /// @throws IllegalArgumentException naming the port that is out of range
  static List<HostPort> ports(PodSandboxConfig config) {
    return config.getPortMappingsList().stream()
        .filter(p -> p.getHostPort() > 0)
        .map(p -> new HostPort(
            p.getProtocol().name().toLowerCase(Locale.ROOT),
            port("container_port", p.getContainerPort()),
            port("host_port", p.getHostPort()),
            p.getHostIp()))
        .toList();
  }

  private static List<PortBinding> bindings(PodSandboxConfig config) {
    return ports(config).stream()
        .map(p -> new PortBinding(p.protocol(), p.containerPort(), p.hostPort(), p.hostIp()))
        .toList();
  }

  private static int port(String field, int port) {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException(
          "port_mappings." + field + " " + port + " must lie between 1 and 65535");
    }
    return port;
  }
}
