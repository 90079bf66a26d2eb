package dev.jubelet.dockershim.container;

import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.ContainerInspect;
import dev.jubelet.dockershim.docker.DockerApi.CreateContainer;
import dev.jubelet.dockershim.docker.DockerApi.HostConfig;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.engine.EngineFacts;
import dev.jubelet.dockershim.gate.CallDeadline;
import dev.jubelet.dockershim.gate.StartGate;
import dev.jubelet.dockershim.gate.StartGate.Rank;
import dev.jubelet.dockershim.naming.DockerName;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import dev.jubelet.dockershim.state.ContainerState;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Creates a container under its Kubernetes name, through the start gate. A name that a dead
/// container of ours still has (an answer was lost, a clean-up was missed) is freed; one that
/// nobody has but Docker will not give gets a random suffix.
public final class Creation {
  private static final Logger log = LoggerFactory.getLogger(Creation.class);

  private final DockerApi docker;
  private final ContainerState state;
  private final Pods pods;
  private final StartGate gate;

  public Creation(DockerApi docker, ContainerState state, Pods pods, StartGate gate) {
    this.docker = docker;
    this.state = state;
    this.pods = pods;
    this.gate = gate;
  }

  /// Returns the new container's id.
  ///
  /// @param imageId of the image, when it is known; else the engine is asked for it later
  public String create(
      DockerName name,
      CreateContainer request,
      Rank rank,
      Optional<String> imageId,
      EngineFacts facts)
      throws DockerException, InterruptedException, TimeoutException {
    DockerName used = name;
    String id;
    try {
      id = create(used, request, rank);
    } catch (DockerException e) {
      used = afterConflict(name, e);
      id = create(used, request, rank);
    }
    if (imageId.isPresent()) {
      state.created(inspect(id, used, request, imageId.get(), facts));
    } else {
      state.wrote(id);
    }
    return id;
  }

  private String create(DockerName name, CreateContainer request, Rank rank)
      throws DockerException, InterruptedException, TimeoutException {
    return gate.pass(
        name.uid(),
        rank,
        CallDeadline.left(),
        () -> docker.createContainer(name.toString(), request));
  }

  /// The name to try next.
  ///
  /// @throws DockerException the original one when the name is rightly taken
  private DockerName afterConflict(DockerName name, DockerException conflict)
      throws DockerException {
    String holder = conflict.conflictingId().orElse("");
    if (holder.isEmpty()) {
      throw conflict;
    }
    try {
      Optional<Member> member = pods.find(holder);
      if (member.isPresent() && !member.get().inspect().running()) {
        docker.removeContainer(holder, false);
        state.wrote(holder);
        log.info("removed dead container {} that held the name {}", holder, name);
        return name;
      }
      if (member.isPresent() || stillThere(holder)) {
        throw conflict;
      }
    } catch (DockerException e) {
      if (!e.isNotFound()) {
        throw conflict;
      }
    }
    byte[] random = new byte[4];
    ThreadLocalRandom.current().nextBytes(random);
    return name.withSuffix(HexFormat.of().formatHex(random));
  }

  private boolean stillThere(String id) throws DockerException {
    docker.inspectContainer(id);
    return true;
  }

  /// What an inspect right after create would show.
  private static ContainerInspect inspect(
      String id, DockerName name, CreateContainer request, String imageId, EngineFacts facts) {
    HostConfig host = request.hostConfig();
    return new ContainerInspect(
        id,
        "/" + name,
        Instant.now(),
        "created",
        false,
        false,
        false,
        0,
        0,
        "",
        Optional.empty(),
        Optional.empty(),
        request.image(),
        imageId,
        request.labels(),
        request.user() == null ? "" : request.user(),
        request.tty(),
        host.logDriver().equals("json-file") ? facts.jsonFile(id).toString() : "",
        host.logDriver(),
        "",
        host.networkMode(),
        host.ipcMode(),
        host.pidMode() == null ? "" : host.pidMode(),
        host.cgroupParent() == null ? "" : host.cgroupParent(),
        host.oomScoreAdj(),
        host.resources(),
        host.mounts().stream()
            .map(m -> new DockerApi.InspectMount(
                m.source(), m.target(), m.readOnly(), m.propagation(), "bind"))
            .toList(),
        List.of(),
        host.runtime(),
        0,
        request.stopSignal() == null ? "" : request.stopSignal());
  }
}
