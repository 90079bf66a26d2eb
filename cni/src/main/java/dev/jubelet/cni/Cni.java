package dev.jubelet.cni;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The CNI client: runs the plugins of a network for one container, as libcni does. Thread-safe, no
/// locks: calls for one container must not overlap, which is the caller's care. Each call has one
/// deadline for all of its plugins; at its end the running plugin's process group is killed.
public final class Cni {
  private static final Logger log = LoggerFactory.getLogger(Cni.class);

  private final PluginProcess process;
  private final ResultCache cache;

  public Cni(PluginDirs dirs, ResultCache cache, PluginListener listener) {
    this.process = new PluginProcess(dirs, listener);
    this.cache = cache;
  }

  /// ADD through all plugins, each seeing the result of the one before. The attempt is in the cache
  /// before the first plugin runs; after a failure the caller calls [#del].
  ///
  /// @param notes kept beside the cached result
  public CniResult add(
      NetworkConf network, Attachment attachment, Map<String, String> notes, Duration budget)
      throws CniException, InterruptedException {
    Deadline deadline = Deadline.after(budget);
    remember(network, attachment, notes, Optional.empty());
    Optional<CniResult> result = Optional.empty();
    for (NetworkConf.Plugin plugin : network.plugins()) {
      byte[] stdin = stdin(network, plugin, attachment, result.map(CniResult::json));
      ObjectNode answer = process
          .run(plugin.type(), "ADD", Optional.of(attachment), stdin, deadline.remaining())
          .orElseThrow(() -> PluginProcess.failed(plugin.type(), "ADD", "it printed no result"));
      try {
        result = Optional.of(CniResult.parse(answer, network.cniVersion()));
      } catch (CniException e) {
        throw PluginProcess.failed(plugin.type(), "ADD", String.valueOf(e.getMessage()));
      }
    }
    CniResult last = result.orElseThrow();
    remember(network, attachment, notes, Optional.of(last.json()));
    return last;
  }

  /// DEL through all plugins, last first, then forgets the attachment. Deleting what was never
  /// added is no error: plugins must allow it.
  public void del(NetworkConf network, Attachment attachment, Duration budget)
      throws CniException, InterruptedException {
    Deadline deadline = Deadline.after(budget);
    Optional<ObjectNode> previous = CniVersion.atLeast(network.cniVersion(), "0.4.0")
        ? cached(network, attachment).flatMap(CachedAttachment::result)
        : Optional.empty();
    for (NetworkConf.Plugin plugin : network.plugins().reversed()) {
      byte[] stdin = stdin(network, plugin, attachment, previous);
      process.run(plugin.type(), "DEL", Optional.of(attachment), stdin, deadline.remaining());
    }
    try {
      cache.remove(network.name(), attachment);
    } catch (IOException e) {
      throw new CniException("cannot remove the cache entry: " + e.getMessage(), e);
    }
  }

  /// DEL with the configuration and arguments that ADD ran with. From then on the entry is
  /// [CachedAttachment#leaving]: one that is cut short is not taken for a whole attachment.
  public void del(CachedAttachment cached, Attachment attachment, Duration budget)
      throws CniException, InterruptedException {
    try {
      cache.put(cached.asLeaving());
    } catch (IOException e) {
      // A full disk holds up no removal.
      log.warn("CNI cache of {}: {}", attachment.containerId(), e.toString());
    }
    del(cached.network(), attachment, budget);
  }

  /// CHECK: whether the attachment is still as ADD left it. Nothing is run for versions before
  /// 0.4.0 and for networks with `disableCheck`.
  public void check(NetworkConf network, Attachment attachment, Duration budget)
      throws CniException, InterruptedException {
    if (!CniVersion.atLeast(network.cniVersion(), "0.4.0") || network.disableCheck()) {
      return;
    }
    Deadline deadline = Deadline.after(budget);
    Optional<ObjectNode> previous = cached(network, attachment).flatMap(CachedAttachment::result);
    for (NetworkConf.Plugin plugin : network.plugins()) {
      byte[] stdin = stdin(network, plugin, attachment, previous);
      process.run(plugin.type(), "CHECK", Optional.of(attachment), stdin, deadline.remaining());
    }
  }

  /// STATUS: whether the network takes ADD requests now. Nothing is run for versions before 1.1.0.
  public void status(NetworkConf network, Map<String, JsonNode> capabilityArgs, Duration budget)
      throws CniException, InterruptedException {
    if (!CniVersion.atLeast(network.cniVersion(), "1.1.0")) {
      return;
    }
    Deadline deadline = Deadline.after(budget);
    for (NetworkConf.Plugin plugin : network.plugins()) {
      byte[] stdin = bytes(conf(network, plugin, capabilityArgs));
      process.run(plugin.type(), "STATUS", Optional.empty(), stdin, deadline.remaining());
    }
  }

  /// GC: tells the plugins which attachments of this network are valid; they free the rest. Only
  /// for a caller that knows of every attachment of the network. Nothing is run for versions
  /// before 1.1.0 and for networks with `disableGC`.
  public void gc(NetworkConf network, List<Attachment> valid, Duration budget)
      throws CniException, InterruptedException {
    if (!CniVersion.atLeast(network.cniVersion(), "1.1.0") || network.disableGc()) {
      return;
    }
    Deadline deadline = Deadline.after(budget);
    for (NetworkConf.Plugin plugin : network.plugins()) {
      ObjectNode json = conf(network, plugin, Map.of());
      ArrayNode list = json.putArray("cni.dev/valid-attachments");
      for (Attachment one : valid) {
        list.addObject().put("containerID", one.containerId()).put("ifname", one.ifName());
      }
      process.run(plugin.type(), "GC", Optional.empty(), bytes(json), deadline.remaining());
    }
  }

  /// Whether every plugin is there and speaks the network's version (VERSION).
  public void validate(NetworkConf network, Duration budget)
      throws CniException, InterruptedException {
    Deadline deadline = Deadline.after(budget);
    for (NetworkConf.Plugin plugin : network.plugins()) {
      String type = plugin.type();
      byte[] stdin = bytes(Json.MAPPER.createObjectNode().put("cniVersion", CniVersion.LATEST));
      ObjectNode answer = process
          .run(type, "VERSION", Optional.empty(), stdin, deadline.remaining())
          .orElseThrow(() -> PluginProcess.failed(type, "VERSION", "it printed no versions"));
      JsonNode versions = answer.path("supportedVersions");
      boolean spoken = versions.isMissingNode()
          ? answer.path("cniVersion").stringValue("").equals(network.cniVersion())
          : versions.valueStream().anyMatch(v -> v.stringValue("").equals(network.cniVersion()));
      if (!spoken) {
        throw PluginProcess.failed(
            type, "VERSION", "it does not support cniVersion \"" + network.cniVersion() + "\"");
      }
    }
  }

  private void remember(
      NetworkConf network,
      Attachment attachment,
      Map<String, String> notes,
      Optional<ObjectNode> result)
      throws CniException {
    try {
      cache.put(new CachedAttachment(attachment, network.name(), network.source(), result, notes));
    } catch (IOException e) {
      throw new CniException("cannot write the CNI cache: " + e.getMessage(), e);
    }
  }

  private Optional<CachedAttachment> cached(NetworkConf network, Attachment attachment)
      throws CniException {
    try {
      return cache.get(network.name(), attachment);
    } catch (IOException e) {
      throw new CniException("cannot read the CNI cache: " + e, e);
    }
  }

  private static byte[] stdin(
      NetworkConf network,
      NetworkConf.Plugin plugin,
      Attachment attachment,
      Optional<ObjectNode> previous) {
    ObjectNode json = conf(network, plugin, attachment.capabilityArgs());
    previous.ifPresent(result -> json.set("prevResult", result));
    return bytes(json);
  }

  /// The plugin's configuration with the network's name and version and the arguments of the
  /// capabilities that it declares.
  private static ObjectNode conf(
      NetworkConf network, NetworkConf.Plugin plugin, Map<String, JsonNode> capabilityArgs) {
    ObjectNode json = plugin.json().deepCopy();
    json.put("name", network.name());
    json.put("cniVersion", network.cniVersion());
    ObjectNode runtimeConfig = Json.MAPPER.createObjectNode();
    capabilityArgs.forEach((capability, value) -> {
      if (plugin.capabilities().contains(capability)) {
        runtimeConfig.set(capability, value);
      }
    });
    if (!runtimeConfig.isEmpty()) {
      json.set("runtimeConfig", runtimeConfig);
    }
    return json;
  }

  private static byte[] bytes(ObjectNode json) {
    return Json.MAPPER.writeValueAsBytes(json);
  }
}
