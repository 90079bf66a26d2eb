package dev.jubelet.testkit;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A container of [FakeEngine].
public final class FakeContainer {
  static final String ZERO = "0001-01-01T00:00:00Z";

  public final String id;
  public final String name;
  final String image;
  final Map<String, String> labels;
  private final Instant created = Instant.now();
  private volatile ObjectNode hostConfig = FakeEngine.JSON.createObjectNode();
  private volatile String state = "created";
  private volatile int pid;
  private volatile int exitCode;
  private volatile String startedAt = ZERO;
  private volatile String finishedAt = ZERO;

  FakeContainer(String id, String name, String image, Map<String, String> labels) {
    this.id = id;
    this.name = name;
    this.image = image;
    this.labels = Map.copyOf(labels);
  }

  public String state() {
    return state;
  }

  /// As the create call gave it.
  public JsonNode hostConfig() {
    return hostConfig;
  }

  void hostConfig(ObjectNode given) {
    hostConfig = given;
  }

  boolean running() {
    return state.equals("running");
  }

  void start(int newPid) {
    pid = newPid;
    startedAt = Instant.now().toString();
    finishedAt = ZERO;
    state = "running";
  }

  void die(int code) {
    pid = 0;
    exitCode = code;
    finishedAt = Instant.now().toString();
    state = "exited";
  }

  Map<String, Object> inspect() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("Id", id);
    json.put("Name", "/" + name);
    json.put("Created", created.toString());
    json.put("Image", "sha256:" + "1".repeat(64));
    json.put("LogPath", "/docker/containers/" + id + "/" + id + "-json.log");
    json.put("ResolvConfPath", "/docker/containers/" + id + "/resolv.conf");
    json.put("RestartCount", 0);
    json.put(
        "State",
        Map.of(
            "Status", state,
            "Running", running(),
            "Paused", false,
            "OOMKilled", false,
            "Pid", pid,
            "ExitCode", exitCode,
            "Error", "",
            "StartedAt", startedAt,
            "FinishedAt", finishedAt));
    json.put("Config", Map.of("Image", image, "Labels", labels, "User", "", "Tty", false));
    json.put("HostConfig", hostConfig);
    json.put("Mounts", List.of());
    json.put(
        "NetworkSettings",
        Map.of(
            "Networks",
            Map.of("bridge", Map.of("IPAddress", "172.17.0.2", "GlobalIPv6Address", "fd00::2"))));
    return json;
  }

  Map<String, Object> summary() {
    return Map.of(
        "Id",
        id,
        "Names",
        List.of("/" + name),
        "Image",
        image,
        "ImageID",
        "sha256:" + "1".repeat(64),
        "Created",
        created.getEpochSecond(),
        "State",
        state,
        "Status",
        running() ? "Up 1 second" : "Exited",
        "Labels",
        labels);
  }
}
