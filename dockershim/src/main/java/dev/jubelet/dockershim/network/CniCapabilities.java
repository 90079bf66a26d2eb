package dev.jubelet.dockershim.network;

import dev.jubelet.dockershim.network.PodNetwork.HostPort;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What a pod asks of the network beyond being joined, as CNI's conventions write it: the values of
/// `runtimeConfig`. Pure.
final class CniCapabilities {
  static final String PORT_MAPPINGS = "portMappings";
  static final String IP_RANGES = "ipRanges";
  static final String BANDWIDTH = "bandwidth";

  private static final String INGRESS = "kubernetes.io/ingress-bandwidth";
  private static final String EGRESS = "kubernetes.io/egress-bandwidth";
  private static final BigDecimal MIN_RATE = new BigDecimal(1_000);
  private static final BigDecimal MAX_RATE = new BigDecimal(1_000_000_000_000_000L);

  /// Kubernetes wants no bursts but must name a size.
  private static final long BURST = Integer.MAX_VALUE;

  private static final Pattern QUANTITY =
      Pattern.compile("(\\d{1,18}(?:\\.\\d{1,9})?)([kMGTP]|[KMGTP]i)?");
  private static final String SCALES = "kMGTP";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private CniCapabilities() {}

  /// @param podCidrs the node's ranges, one for each address family; empty when not known
  /// @throws NetworkException naming the annotation that is not a bandwidth
  static Map<String, JsonNode> of(
      List<HostPort> ports, List<String> podCidrs, Map<String, String> annotations)
      throws NetworkException {
    Map<String, JsonNode> values = new LinkedHashMap<>();
    ArrayNode mappings = portMappings(ports);
    if (!mappings.isEmpty()) {
      values.put(PORT_MAPPINGS, mappings);
    }
    ObjectNode bandwidth = bandwidth(annotations);
    if (!bandwidth.isEmpty()) {
      values.put(BANDWIDTH, bandwidth);
    }
    if (!podCidrs.isEmpty()) {
      ArrayNode ranges = JSON.arrayNode();
      podCidrs.forEach(cidr -> ranges.addArray().addObject().put("subnet", cidr));
      values.put(IP_RANGES, ranges);
    }
    return values;
  }

  private static ArrayNode portMappings(List<HostPort> ports) {
    ArrayNode mappings = JSON.arrayNode();
    for (HostPort port : ports) {
      if (port.hostPort() > 0) {
        mappings
            .addObject()
            .put("hostPort", port.hostPort())
            .put("containerPort", port.containerPort())
            .put("protocol", port.protocol().toLowerCase(Locale.ROOT))
            .put("hostIP", port.hostIp());
      }
    }
    return mappings;
  }

  /// Of the cached value of `portMappings`.
  static List<HostPort> ports(JsonNode mappings) {
    return mappings
        .valueStream()
        .map(one -> new HostPort(
            one.path("protocol").stringValue("tcp"),
            one.path("containerPort").asInt(0),
            one.path("hostPort").asInt(0),
            one.path("hostIP").stringValue("")))
        .toList();
  }

  private static ObjectNode bandwidth(Map<String, String> annotations) throws NetworkException {
    ObjectNode values = JSON.objectNode();
    if (annotations.containsKey(INGRESS)) {
      values.put("ingressRate", rate(INGRESS, annotations)).put("ingressBurst", BURST);
    }
    if (annotations.containsKey(EGRESS)) {
      values.put("egressRate", rate(EGRESS, annotations)).put("egressBurst", BURST);
    }
    return values;
  }

  /// Bits per second; Kubernetes allows 1k to 1P.
  private static long rate(String annotation, Map<String, String> annotations)
      throws NetworkException {
    String text = annotations.getOrDefault(annotation, "");
    Matcher matcher = QUANTITY.matcher(text);
    if (matcher.matches()) {
      BigDecimal rate = new BigDecimal(matcher.group(1)).multiply(scale(matcher.group(2)));
      if (rate.compareTo(MIN_RATE) >= 0 && rate.compareTo(MAX_RATE) <= 0) {
        return rate.longValue();
      }
    }
    throw new NetworkException(
        "annotation %s \"%s\" is not a bandwidth of 1k to 1P bits per second, like 10M"
            .formatted(annotation, text));
  }

  private static BigDecimal scale(@org.jspecify.annotations.Nullable String suffix) {
    if (suffix == null) {
      return BigDecimal.ONE;
    }
    int power = SCALES.indexOf(suffix.replace("K", "k").charAt(0)) + 1;
    return new BigDecimal(suffix.endsWith("i") ? 1024 : 1000).pow(power);
  }
}
