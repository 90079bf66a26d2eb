package dev.jubelet.dockershim.docker;

import dev.jubelet.dockershim.docker.DockerApi.ContainerInspect;
import dev.jubelet.dockershim.docker.DockerApi.ContainerSummary;
import dev.jubelet.dockershim.docker.DockerApi.InspectMount;
import dev.jubelet.dockershim.docker.DockerApi.Resources;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Docker's container answers as our records. Names lose their leading slash.
final class ContainerJson {
  private ContainerJson() {}

  static ContainerInspect inspect(JsonNode node) throws DockerException {
    JsonNode state = node.path("State");
    JsonNode config = node.path("Config");
    JsonNode host = node.path("HostConfig");
    if (Json.text(node, "Id").isEmpty() || !state.isObject()) {
      String text = "the engine's answer is no container: it has no Id or no State";
      throw new DockerException("inspect_container", 502, text, false);
    }
    String runtime = Json.text(host, "Runtime");
    boolean running = Json.flag(state, "Running");
    return new ContainerInspect(
        Json.text(node, "Id"),
        bare(Json.text(node, "Name")),
        Json.time(node, "Created").orElse(Instant.EPOCH),
        Json.text(state, "Status"),
        running,
        Json.flag(state, "Paused"),
        Json.flag(state, "OOMKilled"),
        running ? Json.number(state, "Pid") : 0,
        (int) Json.number(state, "ExitCode"),
        Json.text(state, "Error"),
        Json.time(state, "StartedAt"),
        Json.time(state, "FinishedAt"),
        Json.text(config, "Image"),
        Json.text(node, "Image"),
        Json.map(config, "Labels"),
        Json.text(config, "User"),
        Json.flag(config, "Tty"),
        Json.text(node, "LogPath"),
        Json.text(host.path("LogConfig"), "Type"),
        Json.text(node, "ResolvConfPath"),
        Json.text(host, "NetworkMode"),
        Json.text(host, "IpcMode"),
        Json.text(host, "PidMode"),
        Json.text(host, "CgroupParent"),
        (int) Json.number(host, "OomScoreAdj"),
        resources(host),
        mounts(node.path("Mounts")),
        ips(node.path("NetworkSettings").path("Networks")),
        runtime.isEmpty() ? null : runtime,
        (int) Json.number(node, "RestartCount"),
        Json.text(config, "StopSignal"));
  }

  static List<ContainerSummary> summaries(JsonNode list) {
    List<ContainerSummary> all = new ArrayList<>();
    for (JsonNode node : list) {
      all.add(new ContainerSummary(
          Json.text(node, "Id"),
          Json.texts(node, "Names").stream().map(ContainerJson::bare).toList(),
          Json.text(node, "Image"),
          Json.text(node, "ImageID"),
          Json.moment(Json.number(node, "Created"), 0),
          Json.text(node, "State"),
          Json.text(node.path("HostConfig"), "NetworkMode"),
          Json.map(node, "Labels")));
    }
    return List.copyOf(all);
  }

  private static Resources resources(JsonNode host) {
    return new Resources(
        Json.number(host, "CpuShares"),
        Json.number(host, "CpuPeriod"),
        Json.number(host, "CpuQuota"),
        Json.number(host, "Memory"),
        Json.number(host, "MemorySwap"),
        Json.text(host, "CpusetCpus"),
        Json.text(host, "CpusetMems"));
  }

  private static List<InspectMount> mounts(JsonNode list) {
    List<InspectMount> all = new ArrayList<>();
    for (JsonNode node : list) {
      all.add(new InspectMount(
          Json.text(node, "Source"),
          Json.text(node, "Destination"),
          !Json.flag(node, "RW"),
          Json.text(node, "Propagation"),
          Json.text(node, "Type")));
    }
    return List.copyOf(all);
  }

  /// The old top-level IPAddress is gone in newer engines, so only Networks counts.
  private static List<String> ips(JsonNode networks) {
    List<String> v4 = new ArrayList<>();
    List<String> v6 = new ArrayList<>();
    for (JsonNode network : networks) {
      add(v4, Json.text(network, "IPAddress"));
      add(v6, Json.text(network, "GlobalIPv6Address"));
    }
    v4.addAll(v6);
    return List.copyOf(v4);
  }

  private static void add(List<String> ips, String ip) {
    if (!ip.isEmpty() && !ips.contains(ip)) {
      ips.add(ip);
    }
  }

  private static String bare(String name) {
    return name.startsWith("/") ? name.substring(1) : name;
  }
}
