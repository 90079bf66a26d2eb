package dev.jubelet.dockershim.container;

import dev.jubelet.cri.v1.Container;
import dev.jubelet.cri.v1.ContainerMetadata;
import dev.jubelet.cri.v1.ContainerResources;
import dev.jubelet.cri.v1.ContainerState;
import dev.jubelet.cri.v1.ContainerStatus;
import dev.jubelet.cri.v1.ImageSpec;
import dev.jubelet.cri.v1.LinuxContainerResources;
import dev.jubelet.cri.v1.Mount;
import dev.jubelet.cri.v1.MountPropagation;
import dev.jubelet.dockershim.docker.DockerApi.ContainerInspect;
import dev.jubelet.dockershim.docker.DockerApi.InspectMount;
import dev.jubelet.dockershim.docker.DockerApi.Resources;
import dev.jubelet.dockershim.naming.Labels;
import dev.jubelet.dockershim.pods.Member;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A container in the CRI's words. Pure.
public final class ContainerView {
  private ContainerView() {}

  public static ContainerState state(ContainerInspect inspect) {
    if (inspect.running() || inspect.paused()) {
      return ContainerState.CONTAINER_RUNNING;
    }
    return switch (inspect.state()) {
      case "exited", "dead" -> ContainerState.CONTAINER_EXITED;
      // A start that failed leaves "created" with an exit code.
      case "created" ->
        inspect.exitCode() == 0 && inspect.finishedAt().isEmpty()
            ? ContainerState.CONTAINER_CREATED
            : ContainerState.CONTAINER_EXITED;
      default ->
        inspect.finishedAt().isPresent()
            ? ContainerState.CONTAINER_EXITED
            : ContainerState.CONTAINER_UNKNOWN;
    };
  }

  static Container listed(Member member) {
    ContainerInspect inspect = member.inspect();
    return Container.newBuilder()
        .setId(member.id())
        .setPodSandboxId(member.sandboxId())
        .setMetadata(metadata(member))
        .setImage(ImageSpec.newBuilder().setImage(inspect.image()))
        .setImageRef(inspect.imageId())
        .setImageId(inspect.imageId())
        .setState(state(inspect))
        .setCreatedAt(nanos(inspect.created()))
        .putAllLabels(member.labels())
        .putAllAnnotations(member.annotations())
        .build();
  }

  /// The status; times that are not yet are 0.
  public static ContainerStatus status(Member member) {
    ContainerInspect inspect = member.inspect();
    ContainerState state = state(inspect);
    ContainerStatus.Builder status = ContainerStatus.newBuilder()
        .setId(member.id())
        .setMetadata(metadata(member))
        .setState(state)
        .setCreatedAt(nanos(inspect.created()))
        .setStartedAt(nanos(inspect.startedAt()))
        .setImage(ImageSpec.newBuilder().setImage(image(inspect)))
        .setImageRef(inspect.imageId())
        .setImageId(inspect.imageId())
        .putAllLabels(member.labels())
        .putAllAnnotations(member.annotations())
        .setLogPath(inspect.labels().getOrDefault(Labels.LOG_PATH, ""))
        .setResources(resources(inspect));
    // Right after create the image's own is not known yet.
    if (state != ContainerState.CONTAINER_CREATED || !inspect.stopSignal().isEmpty()) {
      status.setStopSignal(StopSignal.cri(inspect.stopSignal()));
    }
    inspect.mounts().forEach(m -> status.addMounts(mount(m)));
    if (state == ContainerState.CONTAINER_EXITED) {
      ended(status, inspect);
    }
    return status.build();
  }

  private static void ended(ContainerStatus.Builder status, ContainerInspect inspect) {
    status.setExitCode(inspect.exitCode()).setMessage(inspect.error());
    if (inspect.finishedAt().isEmpty()) {
      long created = nanos(inspect.created());
      status.setReason("ContainerCannotRun").setStartedAt(created).setFinishedAt(created);
      return;
    }
    // Of a process that ended at once, Docker notes the end a little before the start.
    status.setFinishedAt(Math.max(nanos(inspect.finishedAt()), nanos(inspect.startedAt())));
    if (inspect.oomKilled()) {
      status.setReason("OOMKilled");
    } else {
      status.setReason(inspect.exitCode() == 0 ? "Completed" : "Error");
    }
  }

  private static ContainerMetadata metadata(Member member) {
    return ContainerMetadata.newBuilder()
        .setName(member.name().container())
        .setAttempt(member.name().attempt())
        .build();
  }

  /// As its author wrote it, if that is known.
  private static String image(ContainerInspect inspect) {
    String written = inspect.labels().containsKey(Labels.OWNER)
        ? inspect.labels().getOrDefault(Labels.IMAGE, "")
        : "";
    return written.isEmpty() ? inspect.image() : written;
  }

  private static ContainerResources resources(ContainerInspect inspect) {
    Resources r = inspect.resources();
    return ContainerResources.newBuilder()
        .setLinux(LinuxContainerResources.newBuilder()
            .setCpuPeriod(r.cpuPeriod())
            .setCpuQuota(r.cpuQuota())
            .setCpuShares(r.cpuShares())
            .setMemoryLimitInBytes(r.memory())
            .setMemorySwapLimitInBytes(Math.max(0, r.memorySwap()))
            .setCpusetCpus(r.cpusetCpus())
            .setCpusetMems(r.cpusetMems())
            .setOomScoreAdj(inspect.oomScoreAdj()))
        .build();
  }

  private static Mount mount(InspectMount mount) {
    return Mount.newBuilder()
        .setHostPath(mount.source())
        .setContainerPath(mount.destination())
        .setReadonly(mount.readOnly())
        .setPropagation(
            switch (mount.propagation()) {
              case "rshared", "shared" -> MountPropagation.PROPAGATION_BIDIRECTIONAL;
              case "rslave", "slave" -> MountPropagation.PROPAGATION_HOST_TO_CONTAINER;
              default -> MountPropagation.PROPAGATION_PRIVATE;
            })
        .build();
  }

  private static long nanos(Optional<Instant> time) {
    return time.map(ContainerView::nanos).orElse(0L);
  }

  /// Nanoseconds since the epoch, as the CRI counts time.
  public static long nanos(Instant time) {
    return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
  }
}
