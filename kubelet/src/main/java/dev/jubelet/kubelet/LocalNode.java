package dev.jubelet.kubelet;

import dev.jubelet.kubelet.config.KubeletConfiguration;
import dev.jubelet.kubelet.config.KubeletSettings;
import dev.jubelet.kubelet.runtime.spec.DnsFacts;
import dev.jubelet.kubelet.runtime.spec.NodeFacts;
import dev.jubelet.kubelet.runtime.spec.ResolvConf;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This host as a node: what the settings say, and what the host does.
final class LocalNode implements Supplier<NodeFacts> {
  private static final Logger log = LoggerFactory.getLogger(LocalNode.class);
  private static final Duration FRESH = Duration.ofSeconds(10);

  private final KubeletSettings settings;
  private final long memory = memoryBytes();
  private final List<String> ips;
  private Optional<ResolvConf> resolver = Optional.empty();
  private long readAt;
  private boolean read;

  LocalNode(KubeletSettings settings) {
    this.settings = settings;
    this.ips = settings.nodeIps().isEmpty() ? List.of(routedAddress()) : settings.nodeIps();
  }

  List<String> ips() {
    return ips;
  }

  @Override
  public NodeFacts get() {
    KubeletConfiguration config = settings.configuration();
    var cpu = Runtime.getRuntime().availableProcessors() * 1000L;
    var disk = settings.rootDir().toFile().getTotalSpace();
    return new NodeFacts(
        settings.nodeName(),
        ips,
        new DnsFacts(config.dns().clusterDNS(), config.dns().clusterDomain(), resolver()),
        Path.of(config.pods().podLogsDir()),
        settings.rootDir().resolve("seccomp"),
        config.pods().seccompDefault(),
        new NodeFacts.Allocatable(cpu, memory, disk),
        memory,
        config.cgroups().cpuCFSQuota(),
        config.cgroups().cpuCFSQuotaPeriod(),
        config.pods().allowedUnsafeSysctls(),
        "");
  }

  private synchronized Optional<ResolvConf> resolver() {
    String file = settings.configuration().dns().resolvConf();
    long now = System.nanoTime();
    if (!file.isEmpty() && (!read || now - readAt > FRESH.toNanos())) {
      resolver = Optional.of(parse(Path.of(file)));
      read = true;
      readAt = now;
    }
    return resolver;
  }

  private static ResolvConf parse(Path file) {
    try {
      return ResolvConf.parse(Files.readString(file));
    } catch (IOException e) {
      log.warn("Cannot read {}, pods get no name servers of the host's: {}", file, e.toString());
      return ResolvConf.EMPTY;
    }
  }

  /// The address that this host would use towards others; nothing is sent.
  private static String routedAddress() {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 9));
      InetAddress local = socket.getLocalAddress();
      return local.isAnyLocalAddress() ? "127.0.0.1" : local.getHostAddress();
    } catch (IOException | java.io.UncheckedIOException e) {
      log.info("This host has no route to others, its address for pods is 127.0.0.1");
      return "127.0.0.1";
    }
  }

  private static long memoryBytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
        if (line.startsWith("MemTotal:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    } catch (IOException e) {
      log.warn("Cannot read /proc/meminfo: {}", e.toString());
    }
    return Runtime.getRuntime().maxMemory();
  }
}
