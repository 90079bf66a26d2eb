package dev.jubelet.kubelet.config;

import dev.jubelet.kubelet.resource.Quantities;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// The effective value of every key: files (where a zero may mean unset), then defaults, then
/// flags.
final class Effective {
  private final Map<String, JsonNode> values = new TreeMap<>();

  Effective(
      SortedMap<String, Tables.Key> keys,
      Map<String, JsonNode> files,
      Map<String, JsonNode> flags) {
    for (Tables.Key key : keys.values()) {
      JsonNode flag = flags.get(key.path());
      JsonNode file = files.get(key.path());
      if (flag != null) {
        values.put(key.path(), flag);
      } else if (file != null && isSet(key, file)) {
        values.put(key.path(), file);
      } else {
        key.whenUnset().ifPresent(d -> values.put(key.path(), d));
      }
    }
    serialUnlessParallel(files, flags);
  }

  /// Whether a value of a file counts, or is Go's zero and so the default.
  static boolean isSet(Tables.Key key, JsonNode value) {
    return key.zeroCounts() || !key.type().isZero(value);
  }

  /// Upstream: more than one parallel pull means that pulls are not serial, unless that was said.
  private void serialUnlessParallel(Map<String, JsonNode> files, Map<String, JsonNode> flags) {
    boolean said =
        files.containsKey("serializeImagePulls") || flags.containsKey("serializeImagePulls");
    OptionalInt parallel = optionalInteger("maxParallelImagePulls");
    if (!said && parallel.isPresent() && parallel.getAsInt() > 1) {
      values.put("serializeImagePulls", JsonNodeFactory.instance.booleanNode(false));
    }
  }

  KubeletConfiguration configuration() {
    String runtime = string("containerRuntimeEndpoint");
    String images = string("imageServiceEndpoint");
    return new KubeletConfiguration(
        new KubeletConfiguration.StaticPods(
            optional("staticPodPath"),
            optional("staticPodURL"),
            headers(),
            duration("fileCheckFrequency"),
            duration("httpCheckFrequency")),
        new KubeletConfiguration.Servers(
            string("address"),
            integer("readOnlyPort"),
            string("healthzBindAddress"),
            integer("healthzPort")),
        new KubeletConfiguration.CriRuntime(
            runtime, images.isEmpty() ? runtime : images, duration("runtimeRequestTimeout")),
        new KubeletConfiguration.Dns(
            string("clusterDomain"), strings("clusterDNS"), string("resolvConf")),
        new KubeletConfiguration.Cgroups(
            bool("cpuCFSQuota"),
            duration("cpuCFSQuotaPeriod"),
            integer("oomScoreAdj"),
            bool("failSwapOn"),
            bool("failCgroupV1")),
        new KubeletConfiguration.Images(
            bool("serializeImagePulls"),
            optionalInteger("maxParallelImagePulls"),
            integer("registryPullQPS"),
            integer("registryBurst")),
        new KubeletConfiguration.Logs(
            bytes("containerLogMaxSize"),
            integer("containerLogMaxFiles"),
            integer("containerLogMaxWorkers"),
            duration("containerLogMonitorInterval")),
        new KubeletConfiguration.Pods(
            duration("syncFrequency"),
            integer("maxPods"),
            integer("podsPerCore"),
            string("podLogsDir"),
            bool("seccompDefault"),
            strings("allowedUnsafeSysctls"),
            duration("crashLoopBackOff.maxContainerRestartPeriod")));
  }

  String string(String key) {
    JsonNode node = values.get(key);
    return node == null ? "" : node.asString();
  }

  Optional<String> optional(String key) {
    return Optional.of(string(key)).filter(s -> !s.isEmpty());
  }

  int integer(String key) {
    return optionalInteger(key).orElse(0);
  }

  OptionalInt optionalInteger(String key) {
    JsonNode node = values.get(key);
    return node == null
        ? OptionalInt.empty()
        : OptionalInt.of((int) Math.min(node.asLong(), Integer.MAX_VALUE));
  }

  private long bytes(String key) {
    return Quantities.value(new Quantity(string(key)));
  }

  boolean bool(String key) {
    JsonNode node = values.get(key);
    return node != null && node.asBoolean();
  }

  Duration duration(String key) {
    JsonNode node = values.get(key);
    if (node == null) {
      return Duration.ZERO;
    }
    return node.isNumber() ? Duration.ofNanos(node.asLong()) : GoDuration.parse(node.asString());
  }

  List<String> strings(String key) {
    List<String> list = new ArrayList<>();
    JsonNode node = values.get(key);
    if (node != null) {
      node.forEach(n -> list.add(n.asString()));
    }
    return list;
  }

  /// As text, by key; what a test pins.
  Map<String, String> asText() {
    Map<String, String> text = new TreeMap<>();
    values.forEach(
        (key, node) -> text.put(key, node.isString() ? node.asString() : node.toString()));
    return text;
  }

  private Map<String, List<String>> headers() {
    Map<String, List<String>> headers = new HashMap<>();
    JsonNode node = values.get("staticPodURLHeader");
    if (node != null) {
      node.properties().forEach(e -> {
        List<String> list = new ArrayList<>();
        e.getValue().forEach(v -> list.add(v.asString()));
        headers.put(e.getKey(), List.copyOf(list));
      });
    }
    return headers;
  }
}
