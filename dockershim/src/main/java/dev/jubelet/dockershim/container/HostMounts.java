package dev.jubelet.dockershim.container;

import dev.jubelet.cri.v1.MountPropagation;
import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerApi.Mount;
import dev.jubelet.dockershim.engine.EngineFacts;
import dev.jubelet.linux.KernelCalls;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The host paths of a container's mounts: each must exist (Docker would make a directory of it)
/// and is mounted as what its symlinks lead to.
final class HostMounts {
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private HostMounts() {}

  /// @throws CriException naming the mount whose source is not there, or what it asks for in vain
  static List<Mount> resolve(List<dev.jubelet.cri.v1.Mount> mounts, EngineFacts facts)
      throws IOException {
    List<Mount> resolved = new ArrayList<>();
    for (dev.jubelet.cri.v1.Mount mount : mounts) {
      resolved.add(resolve(mount, facts));
    }
    return resolved;
  }

  private static Mount resolve(dev.jubelet.cri.v1.Mount mount, EngineFacts facts)
      throws IOException {
    String field = "mounts[" + mount.getContainerPath() + "].";
    String source = mount.getHostPath();
    if (!source.startsWith("/")) {
      throw CriException.invalid(field + "host_path \"" + source + "\" must be absolute");
    }
    if (!mount.getContainerPath().startsWith("/")) {
      throw CriException.invalid(field + "container_path must be absolute");
    }
    if (mount.getRecursiveReadOnly()) {
      checkRecursive(field, mount, facts);
    }
    return new Mount(
        real(field, source),
        mount.getContainerPath(),
        mount.getReadonly(),
        mount.getRecursiveReadOnly(),
        propagation(field, mount.getPropagation()),
        mount.getSelinuxRelabel() && facts.selinux());
  }

  private static void checkRecursive(
      String field, dev.jubelet.cri.v1.Mount mount, EngineFacts facts) {
    if (!facts.recursiveReadOnly()) {
      throw CriException.invalid(field
          + "recursive_read_only is not supported here: it needs Docker API 1.44 and Linux 5.12");
    }
    if (!mount.getReadonly()) {
      throw CriException.invalid(field + "recursive_read_only needs readonly too");
    }
    if (mount.getPropagation() != MountPropagation.PROPAGATION_PRIVATE) {
      throw CriException.invalid(field + "recursive_read_only needs PROPAGATION_PRIVATE, not "
          + mount.getPropagation().name());
    }
  }

  private static String real(String field, String source) throws IOException {
    try {
      return KernelCalls.call("look at " + source, DEADLINE, () -> {
        Path real = Path.of(source).toRealPath();
        // Docker asks too: on a file system that hangs, here with a deadline, there for ever.
        var _ = Files.readAttributes(real, BasicFileAttributes.class);
        return real.toString();
      });
    } catch (NoSuchFileException e) {
      throw new CriException(
          Status.Code.FAILED_PRECONDITION,
          field + "host_path " + source + " does not exist: make it before the container",
          e);
    }
  }

  private static String propagation(String field, MountPropagation propagation) {
    return switch (propagation) {
      case PROPAGATION_PRIVATE -> "rprivate";
      case PROPAGATION_HOST_TO_CONTAINER -> "rslave";
      case PROPAGATION_BIDIRECTIONAL -> "rshared";
      case UNRECOGNIZED ->
        throw CriException.invalid(field + "propagation is unknown to this runtime");
    };
  }
}
