package dev.jubelet.dockershim.sandbox;

import dev.jubelet.cri.v1.LinuxPodSandboxStatus;
import dev.jubelet.cri.v1.Namespace;
import dev.jubelet.cri.v1.NamespaceMode;
import dev.jubelet.cri.v1.NamespaceOption;
import dev.jubelet.cri.v1.PodIP;
import dev.jubelet.cri.v1.PodSandbox;
import dev.jubelet.cri.v1.PodSandboxMetadata;
import dev.jubelet.cri.v1.PodSandboxNetworkStatus;
import dev.jubelet.cri.v1.PodSandboxState;
import dev.jubelet.cri.v1.PodSandboxStatus;
import dev.jubelet.dockershim.checkpoint.SandboxCheckpoint;
import dev.jubelet.dockershim.container.ContainerView;
import dev.jubelet.dockershim.docker.DockerApi.ContainerInspect;
import dev.jubelet.dockershim.pods.Member;
import java.util.List;

/// A sandbox in the CRI's words. Pure.
final class SandboxView {
  private SandboxView() {}

  /// A paused one is ready, as with dockershim: its namespaces are there, whoever paused it.
  static PodSandboxState state(ContainerInspect inspect) {
    return inspect.running() ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
  }

  static PodSandbox listed(Member sandbox) {
    return PodSandbox.newBuilder()
        .setId(sandbox.id())
        .setMetadata(metadata(sandbox))
        .setState(state(sandbox.inspect()))
        .setCreatedAt(ContainerView.nanos(sandbox.inspect().created()))
        .putAllLabels(sandbox.labels())
        .putAllAnnotations(sandbox.annotations())
        .build();
  }

  /// One of which only the checkpoint is left, so that the caller removes it.
  static PodSandbox listed(String id, SandboxCheckpoint checkpoint) {
    return PodSandbox.newBuilder()
        .setId(id)
        .setMetadata(PodSandboxMetadata.newBuilder()
            .setName(checkpoint.name())
            .setNamespace(checkpoint.namespace())
            .setUid(checkpoint.uid()))
        .setState(PodSandboxState.SANDBOX_NOTREADY)
        .build();
  }

  static PodSandboxStatus status(Member sandbox, List<String> ips) {
    ContainerInspect inspect = sandbox.inspect();
    PodSandboxNetworkStatus.Builder network = PodSandboxNetworkStatus.newBuilder();
    ips.stream().findFirst().ifPresent(network::setIp);
    ips.stream()
        .skip(1)
        .forEach(ip -> network.addAdditionalIps(PodIP.newBuilder().setIp(ip)));
    return PodSandboxStatus.newBuilder()
        .setId(sandbox.id())
        .setMetadata(metadata(sandbox))
        .setState(state(inspect))
        .setCreatedAt(ContainerView.nanos(inspect.created()))
        .setNetwork(network)
        .setLinux(LinuxPodSandboxStatus.newBuilder().setNamespaces(namespaces(inspect)))
        .putAllLabels(sandbox.labels())
        .putAllAnnotations(sandbox.annotations())
        .build();
  }

  private static Namespace namespaces(ContainerInspect inspect) {
    return Namespace.newBuilder()
        .setOptions(NamespaceOption.newBuilder()
            .setNetwork(host(inspect.networkMode(), NamespaceMode.POD))
            .setPid(host(inspect.pidMode(), NamespaceMode.CONTAINER))
            .setIpc(host(inspect.ipcMode(), NamespaceMode.POD)))
        .build();
  }

  private static NamespaceMode host(String mode, NamespaceMode otherwise) {
    return mode.equals("host") ? NamespaceMode.NODE : otherwise;
  }

  private static PodSandboxMetadata metadata(Member sandbox) {
    return PodSandboxMetadata.newBuilder()
        .setName(sandbox.name().pod())
        .setNamespace(sandbox.name().namespace())
        .setUid(sandbox.name().uid())
        .setAttempt(sandbox.name().attempt())
        .build();
  }
}
