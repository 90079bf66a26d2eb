package dev.jubelet.dockershim.docker;

import dev.jubelet.dockershim.docker.DockerApi.EngineEvent;
import dev.jubelet.dockershim.docker.DockerApi.EngineInfo;
import dev.jubelet.dockershim.docker.DockerApi.EngineVersion;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Docker's answers about itself as our records.
final class EngineJson {
  private EngineJson() {}

  static EngineVersion version(JsonNode node, ApiVersion used) {
    return new EngineVersion(
        Json.text(node, "Version"),
        used.toString(),
        Json.text(node, "MinAPIVersion"),
        Json.text(node, "Os"),
        Json.text(node, "Arch"),
        Json.text(node, "KernelVersion"));
  }

  static EngineInfo info(JsonNode node) {
    List<String> runtimes = node.path("Runtimes").properties().stream()
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
    return new EngineInfo(
        Json.text(node, "ID"),
        Json.text(node, "DockerRootDir"),
        Json.text(node, "CgroupDriver"),
        Json.text(node, "CgroupVersion"),
        Json.text(node, "Driver"),
        Json.text(node, "LoggingDriver"),
        Json.flag(node, "LiveRestoreEnabled"),
        snapshotter(node.path("DriverStatus")),
        runtimes,
        Json.text(node, "DefaultRuntime"),
        Json.texts(node, "SecurityOptions"),
        (int) Json.number(node, "NCPU"),
        Json.number(node, "MemTotal"),
        Json.text(node, "Name"),
        Json.time(node, "SystemTime"),
        Json.texts(node, "Warnings"));
  }

  /// `[["driver-type", "io.containerd.snapshotter.v1"]]` is how an engine tells.
  private static boolean snapshotter(JsonNode driverStatus) {
    for (JsonNode pair : driverStatus) {
      if (pair.path(0).asString("").equals("driver-type")
          && pair.path(1).asString("").startsWith("io.containerd.snapshotter")) {
        return true;
      }
    }
    return false;
  }

  static EngineEvent event(JsonNode node) {
    JsonNode actor = node.path("Actor");
    long nanos = Json.number(node, "timeNano");
    return new EngineEvent(
        Json.text(node, "Type"),
        action(Json.text(node, "Action")),
        Json.text(actor, "ID"),
        Json.map(actor, "Attributes"),
        nanos > 0
            ? Json.moment(nanos / 1_000_000_000L, nanos % 1_000_000_000L)
            : Json.moment(Json.number(node, "time"), 0));
  }

  /// `health_status: healthy` and `exec_start: sh -c …` carry more after a colon.
  private static String action(String text) {
    int colon = text.indexOf(':');
    return colon < 0 ? text : text.substring(0, colon);
  }
}
