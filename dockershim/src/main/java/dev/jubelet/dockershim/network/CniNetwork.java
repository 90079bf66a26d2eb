package dev.jubelet.dockershim.network;

import dev.jubelet.cni.CachedAttachment;
import dev.jubelet.cni.Cni;
import dev.jubelet.cni.CniException;
import dev.jubelet.cni.CniResult;
import dev.jubelet.cni.ConfDirectory;
import dev.jubelet.cni.NetworkConf;
import dev.jubelet.cni.PluginDirs;
import dev.jubelet.cni.ResultCache;
import dev.jubelet.trace.Traces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// Pods on the default network of the CNI configuration directory. What a sandbox was joined with
/// is in the CNI result cache before it is joined, so every later process can take it off: with
/// that configuration, without the namespace, after a reboot. Works on sandboxes that cri-dockerd
/// joined, since libcni keeps the same cache.
public final class CniNetwork implements PodNetwork {
  private static final Logger log = LoggerFactory.getLogger(CniNetwork.class);
  private static final Duration PROBE = Duration.ofSeconds(10);

  /// STATUS runs processes; the agent asks for readiness every few seconds.
  private static final long STATUS_NANOS = Duration.ofSeconds(30).toNanos();

  private final ConfDirectory directory;
  private final Cni cni;
  private final CniSandboxes sandboxes;
  private final CniLeftovers leftovers;
  private final HostPorts hostPorts = new HostPorts(Path.of("/proc"));
  private volatile List<String> podCidrs = List.of();
  private volatile Checked checked = new Checked(Optional.empty(), Readiness.READY, 0);

  /// @param confDir for example `/etc/cni/net.d`
  /// @param binDirs for example `/opt/cni/bin` and `/usr/lib/cni`
  /// @param cacheDir for example `/var/lib/cni/cache`
  /// @param owner the id of this shim's root: what others joined is not collected
  public CniNetwork(Path confDir, List<Path> binDirs, Path cacheDir, String owner, Traces traces) {
    PluginDirs plugins = new PluginDirs(binDirs);
    ResultCache cache = new ResultCache(cacheDir);
    ForwardRules forward = new ForwardRules(owner);
    cni = new Cni(plugins, cache, new PluginSpans(traces));
    directory = new ConfDirectory(confDir, plugins, network -> cni.validate(network, PROBE));
    sandboxes = new CniSandboxes(owner, cache, cni, forward);
    leftovers = new CniLeftovers(sandboxes);
  }

  private record Checked(Optional<NetworkConf> network, Readiness readiness, long atNanos) {}

  @Override
  public String dockerNetworkMode() {
    return "none";
  }

  @Override
  public boolean dockerPublishesPorts() {
    return false;
  }

  @Override
  public Readiness readiness() {
    try {
      Optional<NetworkConf> network = directory.current();
      if (network.isEmpty()) {
        return notReady("cni config uninitialized: " + directory.problem());
      }
      if (network.get().takes(CniCapabilities.IP_RANGES) && podCidrs.isEmpty()) {
        return notReady("cni config needs ipRanges but no PodCIDR set");
      }
      return status(network.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return notReady("interrupted");
    }
  }

  private Readiness status(NetworkConf network) throws InterruptedException {
    Checked last = checked;
    boolean fresh = System.nanoTime() - last.atNanos() < STATUS_NANOS;
    if (last.network().equals(Optional.of(network)) && fresh) {
      return last.readiness();
    }
    Readiness readiness = Readiness.READY;
    try {
      cni.status(network, CniCapabilities.of(List.of(), podCidrs, Map.of()), PROBE);
    } catch (CniException | NetworkException e) {
      readiness = notReady(String.valueOf(e.getMessage()));
    }
    checked = new Checked(Optional.of(network), readiness, System.nanoTime());
    return readiness;
  }

  private static Readiness notReady(String message) {
    return new Readiness(false, "NetworkPluginNotReady", message);
  }

  @Override
  public void claim(PodRef pod, List<HostPort> ports) throws NetworkException {
    if (ports.stream().anyMatch(port -> port.hostPort() > 0)) {
      named(pod, () -> {
        capabilities(pod, ports, current());
        hostPorts.claim(pod, ports, heldByOthers(pod));
        return pod;
      });
    }
  }

  @Override
  public void unclaim(PodRef pod) {
    hostPorts.release(pod);
  }

  /// The ports of every sandbox that CNI joined, whoever asked for it.
  private List<HostPorts.Held> heldByOthers(PodRef pod) throws NetworkException {
    List<HostPorts.Held> held = new ArrayList<>();
    for (CachedAttachment entry : sandboxes.entries()) {
      Map<String, String> args = entry.attachment().args();
      JsonNode mappings = entry.attachment().capabilityArgs().get(CniCapabilities.PORT_MAPPINGS);
      if (mappings != null && !pod.uid().equals(args.get("K8S_POD_UID"))) {
        String name = args.get("K8S_POD_NAMESPACE") + "/" + args.get("K8S_POD_NAME");
        for (HostPort port : CniCapabilities.ports(mappings)) {
          held.add(new HostPorts.Held(port, name, entry.attachment().containerId()));
        }
      }
    }
    return held;
  }

  @Override
  public Attachment setUp(PodRef pod, long pid, List<HostPort> ports, Duration deadline)
      throws NetworkException {
    long end = System.nanoTime() + deadline.toNanos();
    hostPorts.bind(pod);
    return named(pod, () -> {
      leftovers.recover();
      NetworkConf network = current();
      Map<String, JsonNode> capabilities = capabilities(pod, ports, network);
      try {
        return attachment(sandboxes.join(pod, pid, network, capabilities, left(end)));
      } catch (NetworkException e) {
        // The addresses may be taken by pods from before a reboot, which are being freed.
        if (!leftovers.await(left(end))) {
          throw e;
        }
        return attachment(sandboxes.join(pod, pid, network, capabilities, left(end)));
      }
    });
  }

  @Override
  public Optional<Attachment> attached(PodRef pod) {
    try {
      return sandboxes.entries(pod.sandboxId()).stream()
          .filter(entry -> !entry.leaving())
          .flatMap(entry -> entry.parsedResult().stream())
          .map(CniNetwork::attachment)
          .findFirst();
    } catch (NetworkException e) {
      log.warn("Addresses of sandbox {} are unknown: {}", pod.sandboxId(), e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public void tearDown(PodRef pod, Optional<Long> pid, List<HostPort> ports, Duration deadline)
      throws NetworkException {
    long end = System.nanoTime() + deadline.toNanos();
    named(pod, () -> {
      leftovers.recover();
      sandboxes.leave(pod, pid, directory.current(), left(end));
      return pod;
    });
    hostPorts.release(pod);
  }

  /// Takes off what this owner joined and whose sandbox is no longer there, however that came
  /// about: frees addresses, ports and rules. Call it after the start and now and then.
  ///
  /// @param existing asks for the ids of all sandboxes that are there, running or not
  public void collect(Supplier<Set<String>> existing) throws NetworkException {
    leftovers.collect(existing);
  }

  @Override
  public void podCidr(String cidr) {
    List<String> cidrs = Arrays.stream(cidr.split(","))
        .map(String::strip)
        .filter(s -> !s.isEmpty())
        .toList();
    if (!cidrs.isEmpty() && !cidrs.equals(podCidrs)) {
      log.info("CNI pod CIDR is {}", cidrs);
      podCidrs = cidrs;
    }
  }

  /// Leaves pods, rules and leases as they are.
  @Override
  public void close() {}

  private NetworkConf current() throws NetworkException, InterruptedException {
    return directory
        .current()
        .orElseThrow(
            () -> new NetworkException("cni config uninitialized: " + directory.problem()));
  }

  /// @throws NetworkException naming what the network lacks
  private Map<String, JsonNode> capabilities(PodRef pod, List<HostPort> ports, NetworkConf network)
      throws NetworkException {
    Map<String, JsonNode> values = CniCapabilities.of(ports, podCidrs, pod.annotations());
    if (values.containsKey(CniCapabilities.PORT_MAPPINGS)
        && !network.takes(CniCapabilities.PORT_MAPPINGS)) {
      throw new NetworkException(("hostPort needs the portmap plugin: add {\"type\":\"portmap\","
              + "\"capabilities\":{\"portMappings\":true}} to CNI network \"%s\"")
          .formatted(network.name()));
    }
    if (values.containsKey(CniCapabilities.BANDWIDTH)
        && !network.takes(CniCapabilities.BANDWIDTH)) {
      log.warn(
          "Pod {}/{} asks for a bandwidth, which CNI network \"{}\" does not limit: add the"
              + " bandwidth plugin with its capability",
          pod.namespace(),
          pod.name(),
          network.name());
    }
    return values;
  }

  private static Attachment attachment(CniResult result) {
    return new Attachment(result.ips().stream()
        .filter(ip -> ofSandbox(result, ip))
        .map(CniResult.Ip::host)
        .distinct()
        .toList());
  }

  private static boolean ofSandbox(CniResult result, CniResult.Ip ip) {
    int index = ip.interfaceIndex().orElse(-1);
    return index < 0
        || index >= result.interfaces().size()
        || !result.interfaces().get(index).sandbox().isEmpty();
  }

  private static Duration left(long end) {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  /// Names the pod in every failure.
  private static <T> T named(PodRef pod, PodLocks.Body<T> body) throws NetworkException {
    String name = "pod " + pod.namespace() + "/" + pod.name();
    String sandbox = pod.sandboxId().isEmpty() ? "" : " (sandbox " + pod.sandboxId() + ")";
    try {
      return body.run();
    } catch (NetworkException e) {
      throw new NetworkException(name + sandbox + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NetworkException(name + sandbox + ": interrupted", e);
    }
  }
}
