package dev.jubelet.dockershim.network;

import dev.jubelet.cni.CachedAttachment;
import dev.jubelet.cni.CniException;
import dev.jubelet.cni.CniResult;
import dev.jubelet.cni.NetworkConf;
import dev.jubelet.cni.ResultCache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What lies on this machine of the sandboxes' networks: CNI results, addresses that host-local
/// leased, packet filter rules. Read as it lies there, for `doctor`; nothing is changed.
///
/// @param confDir for example `/etc/cni/net.d`
/// @param cacheDir for example `/var/lib/cni/cache`
public record NetworkSurvey(Path confDir, Path cacheDir) {
  private static final Logger log = LoggerFactory.getLogger(NetworkSurvey.class);
  private static final Duration RUN = Duration.ofSeconds(15);
  private static final Duration A_WHILE = Duration.ofSeconds(20);
  private static final Path LEASES = Path.of("/var/lib/cni/networks");
  private static final String HOST_LOCAL = "host-local";

  /// What a file of the CNI cache says of a sandbox.
  ///
  /// @param owner the id of the root that joined it; empty of others (libcni)
  /// @param netns identity of the namespace, `net:[4026532713]`; empty when not noted
  /// @param cutShort whether ADD began a while ago and did not come to its end
  /// @param interfaces of the host, its ends of the pairs included
  /// @param ipv4Links whose packets our FORWARD chain must let through
  /// @param ipv6Links the same for IPv6
  /// @param leases the files that hold its addresses; none without host-local
  public record Joined(
      Path file,
      String sandboxId,
      String owner,
      String network,
      String netns,
      boolean cutShort,
      Set<String> interfaces,
      Set<String> ipv4Links,
      Set<String> ipv6Links,
      Set<Path> leases) {
    public Joined {
      interfaces = Set.copyOf(interfaces);
      ipv4Links = Set.copyOf(ipv4Links);
      ipv6Links = Set.copyOf(ipv6Links);
      leases = Set.copyOf(leases);
    }
  }

  /// An address that host-local gave away, and to which sandbox.
  public record Lease(Path file, String address, String network, String sandboxId) {}

  /// A line of `iptables -t TABLE -S`.
  public record Rule(String program, String table, String text) {
    /// The chain that it is in, or that `-N` makes.
    public String chain() {
      String[] words = text.split(" ", 3);
      return words.length > 1 ? words[1] : "";
    }
  }

  /// The chain of FORWARD's that lets the pods of an owner through.
  public static String forwardChain(String owner) {
    return ForwardRules.chain(owner);
  }

  /// The whole CNI cache, whoever made its entries.
  public List<Joined> joined() throws IOException {
    List<Joined> all = new ArrayList<>();
    for (Map.Entry<Path, CachedAttachment> entry :
        new ResultCache(cacheDir).look().entrySet()) {
      all.add(joined(entry.getKey(), began(entry.getKey()), entry.getValue()));
    }
    return all;
  }

  private static Instant began(Path file) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant();
    } catch (NoSuchFileException e) {
      return Instant.now();
    }
  }

  private static Joined joined(Path file, Instant began, CachedAttachment entry) {
    Set<String> interfaces = Set.of();
    Set<Path> leases = Set.of();
    HostLinks links = new HostLinks(Set.of(), false, false);
    if (entry.parsedResult().isPresent()) {
      CniResult result = entry.parsedResult().get();
      interfaces = result.interfaces().stream()
          .filter(one -> one.sandbox().isEmpty())
          .map(CniResult.Interface::name)
          .collect(Collectors.toSet());
      try {
        NetworkConf network = entry.network();
        links = HostLinks.of(network, result);
        leases = leases(network, result);
      } catch (CniException e) {
        log.debug("configuration in {} cannot be read", file, e);
      }
    }
    return new Joined(
        file,
        entry.attachment().containerId(),
        entry.notes().getOrDefault(CniSandboxes.OWNER, ""),
        entry.networkName(),
        entry.notes().getOrDefault(CniSandboxes.NETNS, ""),
        entry.parsedResult().isEmpty() && began.isBefore(Instant.now().minus(A_WHILE)),
        interfaces,
        links.ipv4() ? links.names() : Set.of(),
        links.ipv6() ? links.names() : Set.of(),
        leases);
  }

  private static Set<Path> leases(NetworkConf network, CniResult result) {
    return leaseDirectories(network).keySet().stream()
        .flatMap(dir -> result.ips().stream().map(ip -> dir.resolve(ip.host())))
        .collect(Collectors.toSet());
  }

  /// The directory that host-local keeps its leases in, with the network's name.
  private static Map<Path, String> leaseDirectories(NetworkConf network) {
    Map<Path, String> directories = new TreeMap<>();
    for (NetworkConf.Plugin plugin : network.plugins()) {
      var ipam = plugin.json().path("ipam");
      if (ipam.path("type").stringValue("").equals(HOST_LOCAL)) {
        Path all = Path.of(ipam.path("dataDir").stringValue(LEASES.toString()));
        directories.put(all.resolve(network.name()), network.name());
      }
    }
    return directories;
  }

  /// The networks that are configured, and those that these owners' sandboxes were joined to.
  public Set<String> networks(Set<String> owners) throws IOException {
    return confs(owners).stream().map(NetworkConf::name).collect(Collectors.toSet());
  }

  /// All addresses that are leased on these networks.
  public List<Lease> leases(Set<String> owners) throws IOException {
    Map<Path, String> directories = new TreeMap<>();
    confs(owners).forEach(network -> directories.putAll(leaseDirectories(network)));
    List<Lease> leases = new ArrayList<>();
    for (Map.Entry<Path, String> directory : directories.entrySet()) {
      for (Path file : files(directory.getKey())) {
        lease(file, directory.getValue(), leases);
      }
    }
    return leases;
  }

  private List<NetworkConf> confs(Set<String> owners) throws IOException {
    List<NetworkConf> confs = new ArrayList<>();
    for (CachedAttachment entry : new ResultCache(cacheDir).look().values()) {
      if (owners.contains(entry.notes().getOrDefault(CniSandboxes.OWNER, ""))) {
        add(entry.config().getBytes(StandardCharsets.UTF_8), confs);
      }
    }
    for (Path file : files(confDir)) {
      if (file.toString().matches(".*\\.(conf|conflist|json)")) {
        add(Files.readAllBytes(file), confs);
      }
    }
    return confs;
  }

  private static void add(byte[] conf, List<NetworkConf> confs) {
    try {
      confs.add(NetworkConf.parse(conf));
    } catch (CniException e) {
      log.debug("a network cannot be read", e);
    }
  }

  /// host-local's other files are `lock` and `last_reserved_ip.0`.
  private static void lease(Path file, String network, List<Lease> leases) throws IOException {
    String address = String.valueOf(file.getFileName());
    if (!address.matches("[0-9a-fA-F.:]+") || !address.matches(".*[.:].*")) {
      return;
    }
    try {
      String id = Files.readString(file).lines().findFirst().orElse("").strip();
      leases.add(new Lease(file, address, network, id));
    } catch (NoSuchFileException e) {
      log.debug("{} was given back", file);
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (Files.isRegularFile(entry)) {
          files.add(entry);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return files;
  }

  /// The tables `filter` and `nat` of both address families; none where iptables is not installed,
  /// or of IPv6 where the kernel lacks it.
  ///
  /// @throws NetworkException when those of IPv4 cannot be read
  public static List<Rule> rules() throws NetworkException, InterruptedException {
    List<Rule> rules = new ArrayList<>();
    for (String table : List.of("filter", "nat")) {
      rules.addAll(rules(Iptables.IPV4, table));
      try {
        rules.addAll(rules(Iptables.IPV6, table));
      } catch (NetworkException e) {
        log.debug("no table {} of IPv6", table, e);
      }
    }
    return rules;
  }

  private static List<Rule> rules(Iptables iptables, String table)
      throws NetworkException, InterruptedException {
    return iptables.installed()
        ? iptables
            .run(RUN, List.of("-t", table, "-S"))
            .lines()
            .map(line -> new Rule(iptables.program(), table, line))
            .toList()
        : List.of();
  }

  /// Whether the programs that change packet filters are there.
  public static boolean iptablesInstalled() {
    return Iptables.IPV4.installed();
  }
}
