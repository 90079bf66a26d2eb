package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.cri.v1.DNSConfig;
import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.PodDNSConfig;
import io.fabric8.kubernetes.api.model.PodDNSConfigOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A pod's resolver settings (upstream `dns.GetPodDNS`). Pure.
///
/// @param warnings events of the pod, to be told once
public record PodDns(
    List<String> servers, List<String> searches, List<String> options, List<Warning> warnings) {
  static final int MAX_SERVERS = 3;
  static final int MAX_SEARCHES = 32;
  static final int MAX_SEARCH_CHARS = 2048;

  public PodDns {
    servers = List.copyOf(servers);
    searches = List.copyOf(searches);
    options = List.copyOf(options);
    warnings = List.copyOf(warnings);
  }

  /// @param reason MissingClusterDNS or DNSConfigForming
  public record Warning(String reason, String message) {}

  public static PodDns of(FrozenPod pod, DnsFacts dns) {
    List<Warning> warnings = new ArrayList<>();
    ResolvConf base = switch (policy(pod)) {
      case "None" -> ResolvConf.EMPTY;
      case "ClusterFirst" -> pod.hostNetwork() ? host(dns) : cluster(pod, dns, warnings);
      case "ClusterFirstWithHostNet" -> cluster(pod, dns, warnings);
      case "Default" -> host(dns);
      default -> throw new SandboxConfigException("invalid DNSPolicy=" + policy(pod));
    };
    ResolvConf all = withPodConfig(base, pod.object().getSpec().getDnsConfig());
    return limited(all, warnings);
  }

  DNSConfig toCri() {
    return DNSConfig.newBuilder()
        .addAllServers(servers)
        .addAllSearches(searches)
        .addAllOptions(options)
        .build();
  }

  private static String policy(FrozenPod pod) {
    String policy = pod.object().getSpec().getDnsPolicy();
    return policy == null || policy.isEmpty() ? "ClusterFirst" : policy;
  }

  private static ResolvConf host(DnsFacts dns) {
    return dns.host().orElse(new ResolvConf(List.of("127.0.0.1"), List.of("."), List.of()));
  }

  private static ResolvConf cluster(FrozenPod pod, DnsFacts dns, List<Warning> warnings) {
    if (dns.clusterDns().isEmpty()) {
      warnings.add(new Warning(
          "MissingClusterDNS",
          "pod: \"%s(%s)\". kubelet does not have ClusterDNS IP configured and cannot create Pod"
                  .formatted(pod.fullName(), pod.uid())
              + " using \"ClusterFirst\" policy. Falling back to \"Default\" policy."));
      return host(dns);
    }
    List<String> hostSearches = dns.host().map(ResolvConf::searches).orElse(List.of());
    String domain = dns.clusterDomain();
    Stream<String> own = domain.isEmpty()
        ? Stream.of()
        : Stream.of(pod.namespace() + ".svc." + domain, "svc." + domain, domain);
    return new ResolvConf(
        dns.clusterDns(), distinct(Stream.concat(own, hostSearches.stream())), List.of("ndots:5"));
  }

  private static ResolvConf withPodConfig(ResolvConf base, @Nullable PodDNSConfig config) {
    if (config == null) {
      return base;
    }
    return new ResolvConf(
        distinct(Stream.concat(base.nameservers().stream(), stream(config.getNameservers()))),
        distinct(Stream.concat(base.searches().stream(), stream(config.getSearches()))),
        options(base.options(), config.getOptions()));
  }

  // an option of the pod replaces one of the same name
  private static List<String> options(List<String> base, @Nullable List<PodDNSConfigOption> added) {
    Map<String, String> merged = new LinkedHashMap<>();
    for (String option : base) {
      merged.put(option.split(":", 2)[0], option);
    }
    stream(added)
        .forEach(option -> merged.put(
            option.getName(),
            option.getValue() == null
                ? option.getName()
                : option.getName() + ":" + option.getValue()));
    return List.copyOf(merged.values());
  }

  private static PodDns limited(ResolvConf all, List<Warning> warnings) {
    List<String> servers = all.nameservers();
    if (servers.size() > MAX_SERVERS) {
      servers = servers.subList(0, MAX_SERVERS);
      warnings.add(new Warning(
          "DNSConfigForming",
          "Nameserver limits were exceeded, some nameservers have been omitted, the applied"
              + " nameserver line is: "
              + String.join(" ", servers)));
    }
    List<String> searches = fitting(all.searches());
    if (searches.size() < all.searches().size()) {
      warnings.add(new Warning(
          "DNSConfigForming",
          "Search Line limits were exceeded, some search paths have been omitted, the applied"
              + " search line is: "
              + String.join(" ", searches)));
    }
    return new PodDns(servers, searches, all.options(), warnings);
  }

  private static List<String> fitting(List<String> searches) {
    List<String> fitting = new ArrayList<>();
    int chars = 0;
    for (String search : searches) {
      chars += search.length() + (fitting.isEmpty() ? 0 : 1);
      if (fitting.size() == MAX_SEARCHES || chars > MAX_SEARCH_CHARS) {
        break;
      }
      fitting.add(search);
    }
    return fitting;
  }

  private static List<String> distinct(Stream<String> items) {
    Set<String> set = new LinkedHashSet<>();
    items.forEach(set::add);
    return List.copyOf(set);
  }

  private static <T> Stream<T> stream(@Nullable List<T> list) {
    return list == null ? Stream.of() : list.stream();
  }
}
