package dev.jubelet.cni;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// One file of the result cache, in libcni's format `cniCacheV1`, so that what libcni added can be
/// deleted by us and the other way round.
///
/// @param config the text of the configuration that ADD ran with
/// @param result absent while ADD is under way, or when it did not end well
/// @param notes what the caller remembers beside (who it is, for example); kept under a key that
///     libcni does not know and skips
public record CachedAttachment(
    Attachment attachment,
    String networkName,
    String config,
    Optional<ObjectNode> result,
    Map<String, String> notes) {

  private static final String KIND = "cniCacheV1";
  private static final String NOTES = "dev.jubelet";
  private static final String LEAVING = "leaving";

  public CachedAttachment {
    notes = Map.copyOf(notes);
  }

  /// The network that ADD joined, as it was configured then.
  public NetworkConf network() throws CniException {
    return NetworkConf.parse(config.getBytes(StandardCharsets.UTF_8));
  }

  /// The result in the shape of records; empty when there is none or it cannot be read.
  public Optional<CniResult> parsedResult() {
    try {
      return result.isPresent()
          ? Optional.of(CniResult.parse(result.get(), "0.2.0"))
          : Optional.empty();
    } catch (CniException _) {
      return Optional.empty();
    }
  }

  /// Whether a DEL began: whatever the result says, addresses and rules may be gone.
  public boolean leaving() {
    return notes.containsKey(LEAVING);
  }

  /// The same, once a DEL begins.
  CachedAttachment asLeaving() {
    Map<String, String> more = new LinkedHashMap<>(notes);
    more.put(LEAVING, "true");
    return new CachedAttachment(attachment, networkName, config, result, more);
  }

  byte[] toJson() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("kind", KIND);
    json.put("containerId", attachment.containerId());
    json.put("config", config.getBytes(StandardCharsets.UTF_8));
    json.put("ifName", attachment.ifName());
    json.put("networkName", networkName);
    if (!attachment.netns().isEmpty()) {
      json.put("netns", attachment.netns());
    }
    if (!attachment.args().isEmpty()) {
      ArrayNode args = json.putArray("cniArgs");
      attachment.args().forEach((key, value) -> args.addArray().add(key).add(value));
    }
    if (!attachment.capabilityArgs().isEmpty()) {
      ObjectNode capabilities = json.putObject("capabilityArgs");
      attachment.capabilityArgs().forEach(capabilities::set);
    }
    result.ifPresent(value -> json.set("result", value));
    if (!notes.isEmpty()) {
      ObjectNode object = json.putObject(NOTES);
      notes.forEach(object::put);
    }
    return Json.MAPPER.writeValueAsBytes(json);
  }

  /// @throws tools.jackson.core.JacksonException when it is not JSON
  /// @throws IllegalArgumentException when a member is not what the format says
  static CachedAttachment fromJson(byte[] text) throws CniException {
    ObjectNode json = Json.object(text, "cache entry");
    String kind = json.path("kind").stringValue("");
    if (!kind.equals(KIND)) {
      throw new CniException("cache entry has the kind \"" + kind + "\", not " + KIND);
    }
    Map<String, String> args = new LinkedHashMap<>();
    for (JsonNode pair : json.path("cniArgs")) {
      args.put(pair.path(0).stringValue(""), pair.path(1).stringValue(""));
    }
    Map<String, JsonNode> capabilities = new LinkedHashMap<>();
    json.path("capabilityArgs")
        .properties()
        .forEach(e -> capabilities.put(e.getKey(), e.getValue()));
    Map<String, String> notes = new LinkedHashMap<>();
    json.path(NOTES)
        .properties()
        .forEach(e -> notes.put(e.getKey(), e.getValue().stringValue("")));
    byte[] config = Base64.getDecoder().decode(json.path("config").stringValue(""));
    return new CachedAttachment(
        new Attachment(
            json.path("containerId").stringValue(""),
            json.path("netns").stringValue(""),
            json.path("ifName").stringValue(""),
            args,
            capabilities),
        json.path("networkName").stringValue(""),
        new String(config, StandardCharsets.UTF_8),
        json.get("result") instanceof ObjectNode result ? Optional.of(result) : Optional.empty(),
        notes);
  }
}
