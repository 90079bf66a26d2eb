package dev.jubelet.cni;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What ADD gave, in one shape for all versions of the specification; `json` is the plugin's own
/// text, which goes on as `prevResult`.
public record CniResult(
    String cniVersion,
    List<Interface> interfaces,
    List<Ip> ips,
    List<Route> routes,
    Dns dns,
    ObjectNode json) {
  private static final Pattern CIDR =
      Pattern.compile("(\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)/\\d{1,3}");

  public CniResult {
    interfaces = List.copyOf(interfaces);
    ips = List.copyOf(ips);
    routes = List.copyOf(routes);
  }

  /// `sandbox` is the namespace's path, empty for an interface of the host.
  public record Interface(String name, String mac, String sandbox) {}

  /// `address` is in CIDR notation; `interfaceIndex` points into the list of interfaces.
  public record Ip(String address, Optional<String> gateway, OptionalInt interfaceIndex) {
    /// The address without its prefix length.
    public String host() {
      int slash = address.indexOf('/');
      return slash < 0 ? address : address.substring(0, slash);
    }

    public boolean isIpv6() {
      return address.indexOf(':') >= 0;
    }
  }

  public record Route(String destination, Optional<String> gateway) {}

  public record Dns(
      List<String> nameservers, String domain, List<String> search, List<String> options) {
    public Dns {
      nameservers = List.copyOf(nameservers);
      search = List.copyOf(search);
      options = List.copyOf(options);
    }
  }

  /// Reads a result of version 0.1.0 to 1.1.0; one without a version has that of the configuration.
  ///
  /// @throws CniException when it is of another version or not a result
  static CniResult parse(ObjectNode json, String confVersion) throws CniException {
    String version = json.path("cniVersion").stringValue("");
    if (version.isEmpty()) {
      version = confVersion;
      json = json.deepCopy().put("cniVersion", version);
    }
    if (!CniVersion.supported(version)) {
      throw new CniException("result has the unknown cniVersion \"" + version + "\"");
    }
    boolean old = !CniVersion.atLeast(version, "0.3.0");
    List<Ip> ips = new ArrayList<>();
    List<Route> routes = new ArrayList<>();
    for (String family : old ? List.of("ip4", "ip6") : List.<String>of()) {
      if (json.get(family) instanceof ObjectNode ip) {
        ips.add(ip(ip, family, "ip"));
        routes.addAll(routes(ip.path("routes")));
      }
    }
    if (!old) {
      for (JsonNode ip : json.path("ips")) {
        ips.add(ip(ip, "ips[" + ips.size() + "]", "address"));
      }
      routes.addAll(routes(json.path("routes")));
    }
    return new CniResult(version, interfaces(json), ips, routes, dns(json.path("dns")), json);
  }

  private static Ip ip(JsonNode ip, String place, String addressField) throws CniException {
    String address = ip.path(addressField).stringValue("");
    if (address.isEmpty()) {
      throw new CniException("result has an ip without \"" + addressField + "\"");
    }
    if (!isCidr(address)) {
      throw new CniException("result has the " + place + "." + addressField + " \"" + brief(address)
          + "\", which is no address with a prefix length, as 10.0.0.2/24");
    }
    JsonNode index = ip.path("interface");
    return new Ip(
        address,
        text(ip, "gateway"),
        index.isInt() ? OptionalInt.of(index.intValue()) : OptionalInt.empty());
  }

  /// It goes into hosts files, rules and the pod's status, so it must be what it says.
  private static boolean isCidr(String text) {
    if (!CIDR.matcher(text).matches()) {
      return false;
    }
    int slash = text.indexOf('/');
    try {
      InetAddress address = InetAddress.ofLiteral(text.substring(0, slash));
      int bits = address instanceof Inet4Address && text.indexOf(':') < 0 ? 32 : 128;
      return Integer.parseInt(text.substring(slash + 1)) <= bits;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static String brief(String text) {
    return text.length() <= 100 ? text : text.substring(0, 100) + "…";
  }

  private static List<Interface> interfaces(ObjectNode json) {
    List<Interface> interfaces = new ArrayList<>();
    for (JsonNode node : json.path("interfaces")) {
      interfaces.add(new Interface(
          node.path("name").stringValue(""),
          node.path("mac").stringValue(""),
          node.path("sandbox").stringValue("")));
    }
    return interfaces;
  }

  private static List<Route> routes(JsonNode list) {
    List<Route> routes = new ArrayList<>();
    for (JsonNode node : list) {
      routes.add(new Route(node.path("dst").stringValue(""), text(node, "gw")));
    }
    return routes;
  }

  private static Dns dns(JsonNode node) {
    return new Dns(
        strings(node.path("nameservers")),
        node.path("domain").stringValue(""),
        strings(node.path("search")),
        strings(node.path("options")));
  }

  private static Optional<String> text(JsonNode node, String field) {
    return Optional.of(node.path(field).stringValue("")).filter(value -> !value.isEmpty());
  }

  private static List<String> strings(JsonNode list) {
    List<String> strings = new ArrayList<>();
    list.forEach(node -> strings.add(node.stringValue("")));
    return strings;
  }
}
