package dev.jubelet.dockershim.container;

import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.LinuxContainerConfig;
import dev.jubelet.cri.v1.LinuxContainerResources;
import dev.jubelet.cri.v1.NamespaceMode;
import dev.jubelet.cri.v1.NamespaceOption;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.dockershim.docker.DockerApi.CreateContainer;
import dev.jubelet.dockershim.docker.DockerApi.Device;
import dev.jubelet.dockershim.docker.DockerApi.HostConfig;
import dev.jubelet.dockershim.docker.DockerApi.Mount;
import dev.jubelet.dockershim.docker.DockerApi.Resources;
import dev.jubelet.dockershim.engine.EngineFacts;
import dev.jubelet.dockershim.engine.LogOptions;
import dev.jubelet.dockershim.naming.CgroupParent;
import dev.jubelet.dockershim.security.ContainerSecurity;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A container's CRI config as the body of Docker's create. Pure.
final class ContainerRequest {
  /// Docker's own default, written so that daemon.json's does not count.
  static final long SHM_BYTES = 64L << 20;

  private ContainerRequest() {}

  static CreateContainer of(
      String sandboxId,
      ContainerConfig config,
      PodSandboxConfig sandbox,
      ContainerSecurity security,
      List<Mount> mounts,
      Map<String, String> labels,
      EngineFacts facts) {
    return new CreateContainer(
        config.getImage().getImage(),
        null,
        null,
        security.user(),
        config.getEnvsList().stream()
            .map(e -> e.getKey() + "=" + e.getValue().toStringUtf8())
            .toList(),
        orNull(config.getCommandList()),
        orNull(config.getArgsList()),
        config.getWorkingDir().isEmpty() ? null : config.getWorkingDir(),
        config.getStdin(),
        config.getStdinOnce(),
        config.getTty(),
        StopSignal.docker(config.getStopSignal()),
        labels,
        host(sandboxId, config, sandbox, security, mounts, facts));
  }

  private static HostConfig host(
      String sandboxId,
      ContainerConfig config,
      PodSandboxConfig sandbox,
      ContainerSecurity security,
      List<Mount> mounts,
      EngineFacts facts) {
    LinuxContainerConfig linux = config.getLinux();
    LogOptions logs = LogOptions.of(facts.logDriver());
    String joined = "container:" + sandboxId;
    boolean hostNetwork =
        sandbox.getLinux().getSecurityContext().getNamespaceOptions().getNetwork()
            == NamespaceMode.NODE;
    return new HostConfig(
        joined,
        joined,
        pidMode(linux.getSecurityContext().getNamespaceOptions(), joined),
        hostNetwork ? "host" : null,
        facts.cgroupV2() && !security.privileged() ? "private" : "host",
        parent(sandbox, facts),
        mounts,
        List.of(),
        security.securityOpt(),
        security.capAdd(),
        security.capDrop(),
        security.groupAdd(),
        Map.of(),
        security.privileged(),
        security.readonlyRootfs(),
        security.maskedPaths(),
        security.readonlyPaths(),
        facts.oomScoreAdj(linux.getResources().getOomScoreAdj()),
        resources(linux.getResources()),
        config.getDevicesList().stream()
            .map(d -> new Device(d.getHostPath(), d.getContainerPath(), d.getPermissions()))
            .toList(),
        SHM_BYTES,
        logs.driver(),
        logs.options(),
        null);
  }

  private static @Nullable String pidMode(NamespaceOption options, String joined) {
    return switch (options.getPid()) {
      case NODE -> "host";
      case POD -> joined;
      case TARGET -> {
        if (options.getTargetId().isEmpty()) {
          throw new IllegalArgumentException("namespace_options.pid TARGET needs target_id");
        }
        yield "container:" + options.getTargetId();
      }
      case CONTAINER -> null;
      case UNRECOGNIZED ->
        throw new IllegalArgumentException("namespace_options.pid is unknown to this runtime");
    };
  }

  private static @Nullable String parent(PodSandboxConfig sandbox, EngineFacts facts) {
    String parent = CgroupParent.of(sandbox.getLinux().getCgroupParent(), facts.cgroupDriver());
    return parent.isEmpty() ? null : parent;
  }

  /// Swap is what the caller says, else none: memory and swap together are the memory limit.
  static Resources resources(LinuxContainerResources resources) {
    long memory = resources.getMemoryLimitInBytes();
    long swap = resources.getMemorySwapLimitInBytes();
    return new Resources(
        resources.getCpuShares(),
        resources.getCpuPeriod(),
        resources.getCpuQuota(),
        memory,
        swap == 0 ? memory : swap,
        resources.getCpusetCpus(),
        resources.getCpusetMems());
  }

  private static @Nullable List<String> orNull(List<String> words) {
    return words.isEmpty() ? null : List.copyOf(words);
  }
}
