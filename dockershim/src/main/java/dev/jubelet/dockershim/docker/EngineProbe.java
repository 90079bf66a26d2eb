package dev.jubelet.dockershim.docker;

import dev.jubelet.dockershim.docker.DockerApi.CreateContainer;
import dev.jubelet.dockershim.docker.DockerApi.EngineInfo;
import dev.jubelet.dockershim.docker.DockerApi.HostConfig;
import dev.jubelet.dockershim.docker.DockerApi.Resources;
import dev.jubelet.linux.KernelCalls;
import dev.jubelet.linux.PeerCredentials;
import dev.jubelet.linux.ProcFs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds out what the engine that answers now is: whether we see its processes and files (design
/// decision 16), and whether it may lower a process's oom_score_adj. Ask again after each start of
/// the engine; [#engineStart()] tells one from the next.
public final class EngineProbe {
  private static final Logger log = LoggerFactory.getLogger(EngineProbe.class);
  private static final int CAP_SYS_RESOURCE = 24;
  private static final int PROBED_SCORE = -998;
  private static final Duration KERNEL = Duration.ofSeconds(5);

  private final DockerEndpoint endpoint;
  private final DockerApi docker;

  public EngineProbe(DockerEndpoint endpoint, DockerApi docker) {
    this.endpoint = endpoint;
    this.docker = docker;
  }

  /// Names the engine's process: another text after each start. Empty when nobody sees it.
  public Optional<String> engineStart() {
    OptionalLong pid = pid();
    if (pid.isEmpty()) {
      return Optional.empty();
    }
    return ProcFs.stat(pid.getAsLong()).map(stat -> stat.pid() + "@" + stat.startTime());
  }

  /// Why this engine cannot run pods: a sentence that names what chose it. Empty when it can.
  public Optional<String> refusal(EngineInfo info) {
    if (info.securityOptions().stream().anyMatch(option -> option.contains("rootless"))) {
      return Optional.of(refused("is rootless, and pods need a Docker Engine that runs as root"));
    }
    OptionalLong pid = socketOwner();
    if (pid.isPresent()
        && !ProcFs.namespace(pid.getAsLong(), "pid")
            .equals(ProcFs.namespace(ProcessHandle.current().pid(), "pid"))) {
      return Optional.of(refused("runs in another pid namespace (a VM or a container)"));
    }
    if (pid.isEmpty()) {
      return Optional.of(
          refused("runs where its processes are not to be seen (a VM, a container)"));
    }
    if (!directory(Path.of(info.rootDir()).resolve("containers"))) {
      return Optional.of(refused("keeps its files in " + info.rootDir()
          + ", which is not to be seen from here (another machine or mount namespace)"));
    }
    return Optional.empty();
  }

  /// Why the engine cannot lower oom_score_adj (nested, restricted); empty when it can. By its
  /// capabilities, and where its process is not known by one container of `image`.
  ///
  /// @param image with a program that stays, as the pause image
  public Optional<String> oomNote(String image) throws DockerException {
    OptionalLong pid = pid();
    if (pid.isPresent()) {
      try {
        boolean may = (ProcFs.capEff(pid.getAsLong()) >> CAP_SYS_RESOURCE & 1) != 0;
        return may
            ? Optional.empty()
            : Optional.of("the engine (pid " + pid.getAsLong() + ") lacks CAP_SYS_RESOURCE");
      } catch (IOException e) {
        log.debug("cannot read the engine's capabilities", e);
      }
    }
    return probeContainer(image);
  }

  private Optional<String> probeContainer(String image) throws DockerException {
    String name = "jubelet-probe-" + Long.toHexString(System.nanoTime());
    String id = docker.createContainer(name, probe(image));
    try {
      docker.startContainer(id);
      return Optional.empty();
    } catch (DockerException e) {
      if (e.isUnavailable() || e.isTimeout()) {
        throw e;
      }
      return Optional.of(
          "a container with oom_score_adj " + PROBED_SCORE + " does not start: " + e.getMessage());
    } finally {
      docker.removeContainer(id, true);
    }
  }

  private static CreateContainer probe(String image) {
    HostConfig host = new HostConfig(
        "none",
        "private",
        null,
        null,
        "private",
        null,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        false,
        true,
        null,
        null,
        PROBED_SCORE,
        Resources.NONE,
        List.of(),
        0,
        "none",
        Map.of(),
        null);
    return new CreateContainer(
        image,
        null,
        null,
        null,
        List.of(),
        null,
        null,
        null,
        false,
        false,
        false,
        null,
        Map.of("dev.jubelet.probe", "oom_score_adj"),
        host);
  }

  /// dockerd itself: the socket's owner, or where systemd owns the socket the only dockerd there
  /// is. Empty when nobody sees it.
  public OptionalLong pid() {
    OptionalLong owner = socketOwner();
    if (owner.isEmpty() || owner.getAsLong() != 1) {
      return owner;
    }
    try {
      List<Long> found = ProcFs.pids().stream().filter(EngineProbe::isDockerd).toList();
      return found.size() == 1 ? OptionalLong.of(found.getFirst()) : OptionalLong.empty();
    } catch (IOException e) {
      log.debug("cannot list processes", e);
      return OptionalLong.empty();
    }
  }

  private static boolean isDockerd(long pid) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), "comm"))
          .strip()
          .equals("dockerd");
    } catch (IOException e) {
      return false;
    }
  }

  private OptionalLong socketOwner() {
    try {
      Optional<Long> pid = KernelCalls.call(
          "connect " + endpoint.socket(),
          KERNEL,
          () -> PeerCredentials.ofServer(endpoint.socket()));
      return pid.map(OptionalLong::of).orElseGet(OptionalLong::empty);
    } catch (IOException e) {
      log.debug("cannot tell who listens on {}", endpoint.socket(), e);
      return OptionalLong.empty();
    }
  }

  private static boolean directory(Path path) {
    try {
      return KernelCalls.call("stat " + path, KERNEL, () -> Files.isDirectory(path));
    } catch (IOException e) {
      log.warn("cannot look at {}: {}", path, e.getMessage());
      return false;
    }
  }

  private String refused(String why) {
    return "the Docker Engine at unix://" + endpoint.socket() + " (from " + endpoint.origin() + ") "
        + why + ": give --docker-endpoint of an engine on this machine";
  }
}
