package dev.jubelet.dockershim.checkpoint;

import dev.jubelet.dockershim.checkpoint.SandboxCheckpoint.Port;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A checkpoint as cri-dockerd's JSON, with our own member `jubelet` beside its own: the pod's uid
/// and a sum over everything (the Go sum covers only `data`).
final class CheckpointCodec {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int MAX_PORTS = 10_000;
  private static final Set<String> MEMBERS =
      Set.of("version", "name", "namespace", "data", "checksum", "jubelet");

  private CheckpointCodec() {}

  static byte[] encode(SandboxCheckpoint checkpoint) {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", "v1");
    root.put("name", checkpoint.name());
    root.put("namespace", checkpoint.namespace());
    ObjectNode data = root.putObject("data");
    if (!checkpoint.ports().isEmpty()) {
      ArrayNode ports = data.putArray("port_mappings");
      for (Port port : checkpoint.ports()) {
        ports
            .addObject()
            .put("protocol", port.protocol())
            .put("container_port", port.containerPort())
            .put("host_port", port.hostPort())
            .put("host_ip", port.hostIp());
      }
    }
    if (checkpoint.hostNetwork()) {
      data.put("host_network", true);
    }
    root.put("checksum", GoDump.criDockerd(checkpoint));
    root.putObject("jubelet").put("uid", checkpoint.uid()).put("sum", sum(checkpoint));
    return JSON.writeValueAsBytes(root);
  }

  /// @throws IOException when the bytes are no checkpoint, or a damaged one
  static SandboxCheckpoint decode(byte[] bytes) throws IOException {
    try {
      JsonNode root = JSON.readTree(bytes);
      if (!root.path("version").asString("").equals("v1")) {
        throw new IOException("not a checkpoint of version v1");
      }
      requireKnown(root);
      SandboxCheckpoint checkpoint = new SandboxCheckpoint(
          root.path("name").asString(""),
          root.path("namespace").asString(""),
          root.path("jubelet").path("uid").asString(""),
          ports(root.path("data").path("port_mappings")),
          root.path("data").path("host_network").asBoolean(false));
      verify(root, checkpoint);
      return checkpoint;
    } catch (JacksonException e) {
      throw new IOException("not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /// One flipped bit in the name of a member must not make a foreign checkpoint of ours.
  private static void requireKnown(JsonNode root) throws IOException {
    for (String member : root.propertyNames()) {
      if (!MEMBERS.contains(member)) {
        throw new IOException("unknown member \"" + member + "\"");
      }
    }
  }

  private static List<Port> ports(JsonNode nodes) throws IOException {
    List<Port> ports = new ArrayList<>();
    for (JsonNode node : nodes) {
      ports.add(new Port(
          node.path("protocol").asString("tcp"),
          node.path("container_port").asInt(0),
          node.path("host_port").asInt(0),
          node.path("host_ip").asString("")));
      if (ports.size() > MAX_PORTS) {
        throw new IOException("more than " + MAX_PORTS + " ports");
      }
    }
    return ports;
  }

  private static void verify(JsonNode root, SandboxCheckpoint checkpoint) throws IOException {
    long sum = root.path("checksum").asLong(-1);
    if (sum != GoDump.criDockerd(checkpoint) && sum != GoDump.dockershim(checkpoint)) {
      throw new IOException("checksum does not fit the data");
    }
    JsonNode own = root.path("jubelet");
    if (!own.isMissingNode() && !own.path("sum").asString("").equals(sum(checkpoint))) {
      throw new IOException("sum does not fit the checkpoint");
    }
  }

  private static String sum(SandboxCheckpoint checkpoint) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(sha.digest(checkpoint.toString().getBytes(StandardCharsets.UTF_8)), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
