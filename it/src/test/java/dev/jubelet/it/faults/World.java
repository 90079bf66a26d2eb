package dev.jubelet.it.faults;

import dev.jubelet.it.Docker;
import dev.jubelet.it.Node;
import dev.jubelet.it.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What Docker, the kernel and the disk hold of a node's pods: looked at from outside, not
/// asked of the program under test.
final class World {
  private static final Path LOGS = Path.of("/var/log/pods");
  private static final Path LINKS = Path.of("/var/log/containers");

  private final Node node;
  private final Set<String> names;
  private final Pattern cniRule;

  /// @param names of the containers that are to run in each pod, in a log and in `order` of
  /// the volume `data`
  World(Node node, String... names) {
    this.node = node;
    this.names = Set.of(names);
    this.cniRule =
        Pattern.compile("name: \\\\?\"" + node.network() + "\\\\?\" id: \\\\?\"([0-9a-f]{64})");
  }

  /// A container or a sandbox.
  record Seen(String id, boolean running, String uid, String pod, String name, String log) {
    boolean sandbox() {
      return name.equals("POD");
    }
  }

  /// Everything of the node's pods in Docker.
  List<Seen> containers() throws Exception {
    String label = "{{.Label \"io.kubernetes.%s\"}}";
    String format = String.join(
        "|",
        "{{.ID}}",
        "{{.State}}",
        label.formatted("pod.uid"),
        label.formatted("pod.name"),
        label.formatted("container.name"),
        label.formatted("container.logpath"));
    return Docker.docker(
            "ps", "-a", "--no-trunc", "--filter", "label=io.kubernetes.pod.uid", "--format", format)
        .lines()
        .map(line -> line.split("\\|", -1))
        .filter(w -> w[3].endsWith(node.podName("")))
        .map(w -> new Seen(w[0], w[1].equals("running"), w[2], w[3], w[4], w[5]))
        .toList();
  }

  /// Ids of the containers, not sandboxes, that run.
  Set<String> running() throws Exception {
    return containers().stream()
        .filter(c -> c.running() && !c.sandbox())
        .map(Seen::id)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// What is not as it has to be when exactly these pods run and no other is there; empty when
  /// all is well.
  List<String> problems(Collection<String> manifests) throws Exception {
    Set<String> pods =
        manifests.stream().map(node::podName).collect(Collectors.toCollection(TreeSet::new));
    List<Seen> all = containers();
    List<String> problems = new ArrayList<>();
    same(problems, "pods with a container", pods, all.stream().map(Seen::pod));
    for (String pod : pods) {
      pod(problems, pod, all.stream().filter(c -> c.pod().equals(pod)).toList());
    }
    if (problems.isEmpty()) {
      network(problems, all.stream().filter(c -> c.sandbox() && c.running()).toList());
      disk(problems, all);
    }
    return problems;
  }

  private void pod(List<String> problems, String pod, List<Seen> all) throws IOException {
    Map<String, Integer> running = new HashMap<>();
    all.stream().filter(Seen::running).forEach(c -> running.merge(c.name(), 1, Integer::sum));
    Map<String, Integer> wanted = new HashMap<>(Map.of("POD", 1));
    names.forEach(name -> wanted.put(name, 1));
    if (!running.equals(wanted)) {
      problems.add(pod + " runs " + running + " of " + all);
      return;
    }
    String uid = all.getFirst().uid();
    for (Seen container : all) {
      if (!container.uid().equals(uid)) {
        problems.add(pod + " is there twice: " + all);
      }
      if (container.running()
          && !container.sandbox()
          && !text(Path.of(container.log())).contains(" stdout F up\n")) {
        problems.add(container + ": its log lacks what it said");
      }
    }
    Path order = node.root()
        .resolve("pods")
        .resolve(uid)
        .resolve("volumes/kubernetes.io~empty-dir/data/order");
    if (!text(order).lines().toList().containsAll(names)) {
      problems.add(pod + ": its volume holds " + text(order));
    }
  }

  /// Empty while it is not there.
  private static String text(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  private void network(List<String> problems, List<Seen> sandboxes) throws Exception {
    Set<String> ids =
        sandboxes.stream().map(Seen::id).collect(Collectors.toCollection(TreeSet::new));
    Map<String, String> leases = leases();
    same(problems, "leases of sandboxes", ids, leases.values().stream());
    if (new TreeSet<>(leases.values()).size() != leases.size()) {
      problems.add("a sandbox has two leases: " + leases);
    }
    same(
        problems,
        "sandboxes with rules",
        ids,
        cniRule.matcher(Ran.run("iptables-save").ok().out()).results().map(m -> m.group(1)));
    long links = bridged();
    if (links != ids.size()) {
      problems.add(links + " links on " + node.bridge() + " for " + ids.size() + " sandboxes");
    }
    for (Map.Entry<String, String> lease : leases.entrySet()) {
      String pid = Docker.inspect(lease.getValue(), "{{.State.Pid}}");
      if (!Files.readString(Path.of("/proc", pid, "net/fib_trie")).contains(lease.getKey())) {
        problems.add("sandbox " + lease.getValue() + " has not its address " + lease.getKey());
      }
    }
  }

  private void disk(List<String> problems, List<Seen> all) throws Exception {
    Set<String> uids = all.stream().map(Seen::uid).collect(Collectors.toCollection(TreeSet::new));
    Set<String> sandboxes = all.stream()
        .filter(Seen::sandbox)
        .map(Seen::id)
        .collect(Collectors.toCollection(TreeSet::new));
    Set<String> running = all.stream()
        .filter(c -> c.sandbox() && c.running())
        .map(Seen::id)
        .collect(Collectors.toCollection(TreeSet::new));
    Path pods = node.root().resolve("pods");
    same(problems, "pod directories", uids, names(pods));
    same(
        problems,
        "pods with mounts",
        uids,
        Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
            .map(line -> Path.of(line.split(" ")[4]))
            .filter(target -> target.startsWith(pods))
            .map(target -> target.getName(pods.getNameCount()).toString()));
    same(
        problems,
        "log directories",
        uids,
        names(LOGS)
            .filter(name -> name.contains(node.podName("") + "_"))
            .map(name -> name.substring(name.lastIndexOf('_') + 1)));
    same(problems, "checkpoints", sandboxes, checkpoints(sandboxes, uids));
    same(
        problems,
        "attachments in the CNI cache",
        running,
        names(node.dir().resolve("cni-cache/results"))
            .map(name -> name.replaceAll(".*-([0-9a-f]{64})-.*", "$1")));
    same(
        problems,
        "log checkpoints of containers that are gone",
        Set.of(),
        names(node.dir().resolve("dockershim/logs"))
            .map(name -> name.replaceAll("\\..*", ""))
            .filter(id -> all.stream().noneMatch(c -> c.id().equals(id))));
    same(
        problems,
        "links to logs that are gone",
        Set.of(),
        names(LINKS)
            .filter(name ->
                name.contains(node.podName("") + "_") && !Files.exists(LINKS.resolve(name))));
  }

  /// Without those of former sandboxes of pods that are there: they go with the pod at the
  /// latest.
  private Stream<String> checkpoints(Set<String> sandboxes, Set<String> uids) throws IOException {
    Path directory = node.dir().resolve("dockershim/sandbox");
    List<String> ids = new ArrayList<>();
    for (String id : names(directory).toList()) {
      String text = text(directory.resolve(id));
      if (sandboxes.contains(id) || uids.stream().noneMatch(text::contains)) {
        ids.add(id);
      }
    }
    return ids.stream();
  }

  private static void same(
      List<String> problems, String what, Set<String> wanted, Stream<String> found) {
    Set<String> there = found.collect(Collectors.toCollection(TreeSet::new));
    Set<String> lacking = new TreeSet<>(wanted);
    lacking.removeAll(there);
    Set<String> surplus = new TreeSet<>(there);
    surplus.removeAll(wanted);
    if (!lacking.isEmpty() || !surplus.isEmpty()) {
      problems.add(what + ": lacking " + lacking + ", too many " + surplus);
    }
  }

  /// Sandbox ids by address.
  private Map<String, String> leases() throws IOException {
    Map<String, String> leases = new HashMap<>();
    for (Map.Entry<String, Path> lease : node.leases().entrySet()) {
      leases.put(lease.getKey(), text(lease.getValue()).lines().findFirst().orElse(""));
    }
    return leases;
  }

  private long bridged() throws Exception {
    Ran ran = Ran.run("ip", "-o", "link", "show", "master", node.bridge());
    return ran.exitCode() == 0 ? ran.out().lines().count() : 0;
  }

  /// The packet filter without its counters.
  static List<String> rules() throws Exception {
    return Ran.run("iptables-save")
        .ok()
        .out()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.replaceAll(" \\[\\d+:\\d+]", ""))
        .sorted()
        .toList();
  }

  private static Stream<String> names(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return Stream.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(f -> f.getFileName().toString()).toList().stream();
    }
  }
}
