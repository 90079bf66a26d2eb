package dev.jubelet.dockershim.log;

import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.ContainerInspect;
import dev.jubelet.dockershim.docker.DockerApi.ContainerSummary;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.naming.Labels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// The way back to dockershim or cri-dockerd, who write no logs: a container's log is a link
/// to Docker's own file with them, and they make it only when they start one. So those of
/// running containers get it from us. What we wrote stays beside it as a rotated file.
public final class LogLinks {
  private static final DateTimeFormatter SUFFIX = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss");

  private final DockerApi docker;
  private final Predicate<ContainerInspect> made;
  private final LogCheckpoints checkpoints;

  /// @param made whether this root's shim made a container; an adopted one is known by its
  /// checkpoint
  /// @param checkpointDir as of [FollowedLogs]
  public LogLinks(DockerApi docker, Predicate<ContainerInspect> made, Path checkpointDir)
      throws IOException {
    this.docker = docker;
    this.made = made;
    this.checkpoints = new LogCheckpoints(checkpointDir);
  }

  /// Makes the links; the shim must not run. Returns a line for each container.
  public List<String> restore() throws DockerException, IOException {
    List<String> told = new ArrayList<>();
    String containers = Labels.TYPE + "=" + Labels.TYPE_CONTAINER;
    for (ContainerSummary summary : docker.listContainers(List.of(containers))) {
      if (summary.state().equals("running")) {
        ContainerInspect container = docker.inspectContainer(summary.id());
        if (made.test(container) || checkpoints.has(container.id())) {
          told.add(restore(container));
        }
      }
    }
    return told;
  }

  private String restore(ContainerInspect container) throws IOException {
    String name = container.labels().getOrDefault(Labels.LOG_PATH, "");
    if (name.isEmpty() || container.logPath().isEmpty()) {
      return container.name() + ": no link, since "
          + (name.isEmpty()
              ? "it has no log path"
              : "its log driver " + container.logDriver() + " keeps no file");
    }
    Path log = Path.of(name);
    if (!Files.isSymbolicLink(log)) {
      link(log, Path.of(container.logPath()));
    }
    checkpoints.delete(container.id());
    return log + " -> " + container.logPath();
  }

  private static void link(Path log, Path source) throws IOException {
    Path fresh = log.resolveSibling("." + log.getFileName() + ".link");
    Files.deleteIfExists(fresh);
    Files.createSymbolicLink(fresh, source);
    if (Files.exists(log, LinkOption.NOFOLLOW_LINKS)) {
      Files.move(log, log.resolveSibling(log.getFileName() + "." + suffix()));
    }
    Files.move(fresh, log, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String suffix() {
    return SUFFIX.format(Instant.now().atZone(ZoneId.systemDefault()));
  }
}
