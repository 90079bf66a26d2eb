package dev.jubelet.dockershim.container;

import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.CreateContainerRequest;
import dev.jubelet.cri.v1.CreateContainerResponse;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.Mount;
import dev.jubelet.dockershim.engine.Engine;
import dev.jubelet.dockershim.engine.EngineFacts;
import dev.jubelet.dockershim.gate.StartGate.Rank;
import dev.jubelet.dockershim.naming.DockerName;
import dev.jubelet.dockershim.naming.Labels;
import dev.jubelet.dockershim.naming.LogPath;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import dev.jubelet.dockershim.security.ContainerSecurity;
import dev.jubelet.dockershim.security.NotBuilt;
import dev.jubelet.dockershim.security.SeccompProfile;
import dev.jubelet.trace.Traces;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `CreateContainer`: resolve mounts → create container. One Docker call.
public final class CreateContainer {
  private final Pods pods;
  private final Creation creation;
  private final Engine engine;
  private final SeccompProfile profiles;
  private final String owner;
  private final Traces traces;

  public CreateContainer(
      Pods pods,
      Creation creation,
      Engine engine,
      SeccompProfile profiles,
      String owner,
      Traces traces) {
    this.pods = pods;
    this.creation = creation;
    this.engine = engine;
    this.profiles = profiles;
    this.owner = owner;
    this.traces = traces;
  }

  public CreateContainerResponse call(CreateContainerRequest request) throws Exception {
    ContainerConfig config = request.getConfig();
    check(request);
    Member sandbox = pods.sandbox(request.getPodSandboxId());
    if (!sandbox.inspect().running()) {
      throw new CriException(
          Status.Code.FAILED_PRECONDITION,
          "pod sandbox \"" + sandbox.id() + "\" is not running: no container can join it");
    }
    EngineFacts facts = engine.current();
    ContainerSecurity security = config.getLinux().hasSecurityContext()
        ? ContainerSecurity.of(config.getLinux().getSecurityContext(), profiles)
        : ContainerSecurity.none();
    List<Mount> mounts = traces.in(
        "shim", "resolve mounts", () -> HostMounts.resolve(config.getMountsList(), facts));
    DockerApi.CreateContainer wanted = ContainerRequest.of(
        sandbox.id(),
        config,
        request.getSandboxConfig(),
        security,
        mounts,
        labels(request, sandbox.id()),
        facts);
    String id = traces.in(
        "shim",
        "create container",
        () -> creation.create(
            name(request.getSandboxConfig(), config),
            wanted,
            rank(request),
            imageId(config.getImage().getImage()),
            facts));
    return CreateContainerResponse.newBuilder().setContainerId(id).build();
  }

  private static void check(CreateContainerRequest request) {
    if (!request.hasConfig() || !request.hasSandboxConfig()) {
      throw CriException.invalid("config and sandbox_config must be given");
    }
    ContainerConfig config = request.getConfig();
    if (config.getImage().getImage().isEmpty()) {
      throw CriException.invalid("config.image.image is empty");
    }
    NotBuilt.check(config);
    name(request.getSandboxConfig(), config).problem().ifPresent(problem -> {
      throw CriException.invalid(problem);
    });
  }

  private static DockerName name(PodSandboxConfig sandbox, ContainerConfig config) {
    return DockerName.container(
        config.getMetadata().getName(),
        sandbox.getMetadata().getName(),
        sandbox.getMetadata().getNamespace(),
        sandbox.getMetadata().getUid(),
        config.getMetadata().getAttempt());
  }

  private Map<String, String> labels(CreateContainerRequest request, String sandboxId) {
    ContainerConfig config = request.getConfig();
    String logPath = LogPath.of(request.getSandboxConfig().getLogDirectory(), config.getLogPath())
        .map(Path::toString)
        .orElse("");
    return Labels.container(
        name(request.getSandboxConfig(), config),
        config.getLabelsMap(),
        config.getAnnotationsMap(),
        sandboxId,
        logPath,
        config.getImage().getUserSpecifiedImage(),
        owner);
  }

  /// A container that ran before, or one that the node needs, goes before new pods.
  private static Rank rank(CreateContainerRequest request) {
    return request.getConfig().getMetadata().getAttempt() > 0
            || request.getSandboxConfig().getMetadata().getNamespace().equals("kube-system")
        ? Rank.FIRST
        : Rank.NORMAL;
  }

  private static Optional<String> imageId(String image) {
    return image.matches("sha256:[0-9a-f]{64}") ? Optional.of(image) : Optional.empty();
  }
}
