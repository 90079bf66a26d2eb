package dev.jubelet.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/// One node's directories and how to start `jubelet node` on them, again and again.
public final class Node {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String name;
  private final int number;
  private final Path dir;
  private final Path manifests;
  private final List<String> more = new ArrayList<>();
  private final List<String> jvmOptions = new ArrayList<>();

  /// A node of a name of its own; CNI bridge `cni<n>` on 10.88.n.0/24.
  public Node(String name) throws IOException {
    this.name = name;
    number = COUNT.incrementAndGet();
    dir = Files.createDirectories(Engine.work().resolve("node-" + name + number));
    manifests = Files.createDirectories(dir.resolve("manifests"));
    Path net = Files.createDirectories(dir.resolve("net.d"));
    Files.writeString(
        net.resolve("10-test.conflist"), """
        {"cniVersion":"1.0.0","name":"test%1$d","plugins":[
         {"type":"bridge","bridge":"cni%1$d","isGateway":true,"ipMasq":true,"hairpinMode":true,
          "ipam":{"type":"host-local","dataDir":"%2$s","ranges":[[{"subnet":"10.88.%1$d.0/24"}]],
           "routes":[{"dst":"0.0.0.0/0"}]}},
         {"type":"portmap","capabilities":{"portMappings":true}}]}
        """.formatted(number, dir.resolve("leases")));
  }

  /// Further flags of the next start.
  public Node with(String... flags) {
    more.addAll(List.of(flags));
    return this;
  }

  /// Further options of the Java machine of the next start.
  public Node withJvm(String... options) {
    jvmOptions.addAll(List.of(options));
    return this;
  }

  public Jubelet start() throws IOException {
    return Jubelet.start(jvmOptions, args().toArray(String[]::new));
  }

  /// The words that start it, from the command on.
  public List<String> args() {
    List<String> args = new ArrayList<>(List.of("node", "--pod-manifest-path=" + manifests));
    args.addAll(places());
    args.addAll(more);
    return args;
  }

  private List<String> places() {
    return List.of(
        "--root-dir=" + root(),
        "--hostname-override=" + name,
        "--network-plugin=cni",
        "--cni-conf-dir=" + dir.resolve("net.d"),
        "--cni-cache-dir=" + dir.resolve("cni-cache"),
        "--experimental-dockershim-root-directory=" + dir.resolve("dockershim"));
  }

  /// `jubelet doctor` on this node's directories, with these arguments besides.
  public Ran doctor(String... args) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("doctor"));
    words.addAll(places());
    words.addAll(List.of(args));
    return Jubelet.run(words.toArray(String[]::new));
  }

  /// `jubelet doctor --leaks`, in full: exit code 0 when this node left nothing behind.
  public Ran doctor() throws IOException, InterruptedException {
    return doctor("--leaks");
  }

  /// Where the embedded shim listens.
  public static String criEndpoint() {
    return "unix:///var/run/dockershim.sock";
  }

  /// The name of the bridge that its CNI network makes.
  public String bridge() {
    return "cni" + number;
  }

  /// The name of its CNI network.
  public String network() {
    return "test" + number;
  }

  /// A static pod's name as it appears.
  public String podName(String pod) {
    return pod + "-" + name;
  }

  public Path root() {
    return dir.resolve("kubelet");
  }

  public Path dir() {
    return dir;
  }

  /// The addresses that are taken, each with the file that says by whom. It may be asked while they
  /// come and go: what vanishes meanwhile lacks.
  public SortedMap<String, Path> leases() {
    SortedMap<String, Path> leases = new TreeMap<>();
    Path networks = dir.resolve("leases");
    for (String network : names(networks)) {
      for (String name : names(networks.resolve(network))) {
        if (name.startsWith("10.88.")) {
          leases.put(name, networks.resolve(network).resolve(name));
        }
      }
    }
    return leases;
  }

  /// Without a look at the files, as a walk has it: one that vanishes would end that.
  private static List<String> names(Path directory) {
    String[] names = directory.toFile().list();
    return names == null ? List.of() : List.of(names);
  }

  /// Writes or replaces a manifest in one step.
  public void put(String pod, String yaml) throws IOException {
    Path hidden = manifests.resolve("." + pod);
    Files.writeString(hidden, yaml);
    Files.move(hidden, manifests.resolve(pod + ".yaml"), StandardCopyOption.ATOMIC_MOVE);
  }

  public void remove(String pod) throws IOException {
    Files.deleteIfExists(manifests.resolve(pod + ".yaml"));
  }

  /// crictl against the embedded shim.
  public static String crictl(String... args) throws IOException, InterruptedException {
    return crictlAt(criEndpoint(), args);
  }

  public static String crictlAt(String endpoint, String... args)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(
        Engine.peer("jubelet.crictl").toString(),
        "--runtime-endpoint",
        endpoint,
        "--image-endpoint",
        endpoint));
    words.addAll(List.of(args));
    return Ran.run(words.toArray(String[]::new)).ok().out();
  }
}
