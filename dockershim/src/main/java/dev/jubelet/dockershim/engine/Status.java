package dev.jubelet.dockershim.engine;

import dev.jubelet.cri.v1.RuntimeCondition;
import dev.jubelet.cri.v1.RuntimeHandler;
import dev.jubelet.cri.v1.RuntimeHandlerFeatures;
import dev.jubelet.cri.v1.RuntimeStatus;
import dev.jubelet.cri.v1.StatusResponse;
import dev.jubelet.dockershim.network.PodNetwork;
import dev.jubelet.dockershim.state.ContainerState;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/// `Status`: whether the engine answers (by the canary, not by a cached version) and whether pods
/// can be joined to a network. Of the features only recursive read-only mounts are built.
public final class Status {
  private static final JsonMapper JSON = new JsonMapper();

  private final ContainerState state;
  private final PodNetwork network;
  private final Engine engine;
  private final String sandboxImage;

  /// @param sandboxImage as configured; for the verbose form
  public Status(ContainerState state, PodNetwork network, Engine engine, String sandboxImage) {
    this.state = state;
    this.network = network;
    this.engine = engine;
    this.sandboxImage = sandboxImage;
  }

  public StatusResponse call(boolean verbose) {
    StatusResponse.Builder answer = StatusResponse.newBuilder()
        .setStatus(RuntimeStatus.newBuilder().addConditions(runtime()).addConditions(network()));
    for (String handler : List.of("", "docker")) {
      answer.addRuntimeHandlers(RuntimeHandler.newBuilder()
          .setName(handler)
          .setFeatures(RuntimeHandlerFeatures.newBuilder()
              .setRecursiveReadOnlyMounts(engine.lastKnown().recursiveReadOnly())));
    }
    if (verbose) {
      answer.putAllInfo(info());
    }
    return answer.build();
  }

  private RuntimeCondition runtime() {
    RuntimeCondition.Builder condition =
        RuntimeCondition.newBuilder().setType("RuntimeReady").setStatus(true);
    state
        .outage()
        .ifPresent(outage -> condition
            .setStatus(false)
            .setReason("DockerDaemonNotReady")
            .setMessage("docker: failed to get docker version: %s (since %s)"
                .formatted(outage.message(), outage.since())));
    return condition.build();
  }

  private RuntimeCondition network() {
    PodNetwork.Readiness readiness = network.readiness();
    RuntimeCondition.Builder condition =
        RuntimeCondition.newBuilder().setType("NetworkReady").setStatus(readiness.ready());
    if (!readiness.ready()) {
      condition
          .setReason(readiness.reason().isEmpty() ? "NetworkPluginNotReady" : readiness.reason())
          .setMessage("docker: network plugin is not ready: " + readiness.message());
    }
    return condition.build();
  }

  private Map<String, String> info() {
    EngineFacts facts = engine.lastKnown();
    Map<String, String> docker = new TreeMap<>();
    docker.put("version", facts.version());
    docker.put("apiVersion", facts.apiVersion());
    docker.put("cgroupDriver", facts.cgroupDriver());
    docker.put("rootDir", facts.rootDir());
    docker.put("logDriver", facts.logDriver());
    return Map.of(
        "config", JSON.writeValueAsString(Map.of("sandboxImage", sandboxImage)),
        "docker", JSON.writeValueAsString(docker),
        "logs", JSON.writeValueAsString(Map.of("way", LogOptions.way(facts.logDriver()))),
        "oomScoreAdj",
            JSON.writeValueAsString(
                Map.of("note", facts.oomNote().orElse("may be lowered by this engine"))));
  }
}
