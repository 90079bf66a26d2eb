package dev.jubelet.cli.doctor;

import dev.jubelet.cli.doctor.Seen.Holder;
import dev.jubelet.dockershim.docker.DockerApi.ContainerSummary;
import dev.jubelet.dockershim.naming.DockerName;
import dev.jubelet.dockershim.naming.Labels;
import dev.jubelet.dockershim.network.NetworkSurvey;
import dev.jubelet.dockershim.network.NetworkSurvey.Joined;
import dev.jubelet.dockershim.network.NetworkSurvey.Lease;
import dev.jubelet.dockershim.network.NetworkSurvey.Rule;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A machine with one node of ours, on which tests put and miss things.
final class SeenFixture {
  static final String OWNER = "11111111-2222-3333-4444-555555555555";
  static final String OTHER = "99999999-2222-3333-4444-555555555555";
  static final Place PLACE =
      new Place(Path.of("/root-dir"), Path.of("/shim"), Path.of("/var/log/pods"));
  static final String CHAIN = NetworkSurvey.forwardChain(OWNER);

  final List<ContainerSummary> containers = new ArrayList<>();
  final List<Joined> joined = new ArrayList<>();
  final List<Lease> leases = new ArrayList<>();
  final List<Rule> rules = new ArrayList<>();
  final Set<Path> mounts = new HashSet<>();
  final Set<String> interfaces = new HashSet<>(Set.of("lo", "eth0"));
  final Map<Long, String> processes = new HashMap<>();
  final Map<String, Set<Holder>> namespaces = new HashMap<>();
  final Set<String> elsewhere = new HashSet<>();
  final Set<String> pods = new HashSet<>();
  final Set<String> begun = new HashSet<>();
  final Set<String> podLogs = new HashSet<>();
  final Map<Path, String> links = new HashMap<>();
  final Map<Path, String> checkpoints = new HashMap<>();
  final Map<Path, String> logCheckpoints = new HashMap<>();
  final Set<Path> halfWritten = new HashSet<>();

  SeenFixture() {
    rule("-P FORWARD DROP");
  }

  /// 64 hex digits that begin with these.
  static String id(String begin) {
    return begin + "0".repeat(64 - begin.length());
  }

  Seen seen() {
    Home home = new Home(
        PLACE,
        OWNER,
        Optional.of(pods),
        begun,
        podLogs,
        links,
        checkpoints,
        logCheckpoints,
        halfWritten);
    return new Seen(
        List.of(home),
        containers,
        joined,
        Set.of("net"),
        leases,
        rules,
        mounts,
        interfaces,
        processes,
        namespaces,
        elsewhere);
  }

  /// A pod as an agent leaves it when it runs: sandbox `<begin>a`, container `<begin>b`.
  SeenFixture pod(String begin) {
    String uid = "uid-" + begin;
    String sandbox = id(begin + "a");
    sandbox(sandbox, uid, "running", OWNER);
    container(id(begin + "b"), uid, sandbox, "running", OWNER);
    pods.add(uid);
    podLogs.add("default_" + begin + "-node_" + uid);
    links.put(Path.of("/var/log/containers/" + begin), "default_" + begin + "-node_" + uid);
    checkpoints.put(PLACE.checkpoints().resolve(sandbox), sandbox);
    logCheckpoints.put(PLACE.logCheckpoints().resolve(begin + "b.log-checkpoint"), id(begin + "b"));
    join(sandbox, begin, OWNER);
    long pid = 100L + containers.size();
    namespaces.put("net:" + begin, Set.of(new Holder(pid, "")));
    processes.put(pid, sandbox);
    if (rules.stream().noneMatch(rule -> rule.chain().equals(CHAIN))) {
      rule("-N " + CHAIN);
      rule("-A FORWARD -j " + CHAIN);
      rule("-A " + CHAIN + " -i cni0 -m comment --comment \"jubelet: from pods\" -j ACCEPT");
    }
    return this;
  }

  void sandbox(String id, String uid, String state, String owner) {
    add(
        id,
        DockerName.sandbox(uid, "default", uid, 0).toString(),
        state,
        "none",
        labels(owner, Map.of(Labels.TYPE, Labels.TYPE_SANDBOX)));
  }

  void container(String id, String uid, String sandbox, String state, String owner) {
    add(
        id,
        DockerName.container("main", uid, "default", uid, 0).toString(),
        state,
        "container:" + sandbox,
        labels(owner, Map.of(Labels.TYPE, Labels.TYPE_CONTAINER, Labels.SANDBOX_ID, sandbox)));
  }

  private static Map<String, String> labels(String owner, Map<String, String> more) {
    Map<String, String> labels = new HashMap<>(more);
    if (!owner.isEmpty()) {
      labels.put(Labels.OWNER, owner);
    }
    return labels;
  }

  void add(String id, String name, String state, String network, Map<String, String> labels) {
    Instant created = Instant.ofEpochSecond(containers.size());
    containers.add(new ContainerSummary(
        id, List.of(name), "image", "sha256:1", created, state, network, labels));
  }

  void join(String sandbox, String begin, String owner) {
    Path lease = Path.of("/leases/net/10.0.0." + begin);
    joined.add(new Joined(
        Path.of("/cache/net-" + sandbox + "-eth0"),
        sandbox,
        owner,
        "net",
        "net:" + begin,
        false,
        Set.of("cni0", "veth" + begin),
        Set.of("cni0"),
        Set.of(),
        Set.of(lease)));
    leases.add(new Lease(lease, "10.0.0." + begin, "net", sandbox));
  }

  void rule(String text) {
    rules.add(new Rule("iptables", "filter", text));
  }

  void nat(String text) {
    rules.add(new Rule("iptables", "nat", text));
  }

  void lose(String id) {
    containers.removeIf(container -> container.id().equals(id));
  }

  void state(String id, String state) {
    containers.replaceAll(c -> c.id().equals(id)
        ? new ContainerSummary(
            c.id(),
            c.names(),
            c.image(),
            c.imageId(),
            c.created(),
            state,
            c.networkMode(),
            c.labels())
        : c);
  }
}
