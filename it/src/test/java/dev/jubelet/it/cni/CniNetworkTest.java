package dev.jubelet.it.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.dockershim.network.CniNetwork;
import dev.jubelet.dockershim.network.NetworkException;
import dev.jubelet.dockershim.network.PodNetwork.Attachment;
import dev.jubelet.dockershim.network.PodNetwork.HostPort;
import dev.jubelet.dockershim.network.PodNetwork.PodRef;
import dev.jubelet.it.Engine;
import dev.jubelet.trace.Recorder;
import dev.jubelet.trace.Traces;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Pods on real CNI plugins: Debian's, and today's. The FORWARD policy is DROP here, as dockerd
/// sets it.
@ParameterizedClass
@MethodSource("pluginDirs")
class CniNetworkTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  @TempDir
  Path dir;

  private final Path plugins;
  private final Traces traces = new Recorder(10, 100);
  private final List<Namespace> namespaces = new ArrayList<>();
  private final List<Runnable> undo = new ArrayList<>();
  private String rulesBefore = "";

  CniNetworkTest(Path plugins) {
    this.plugins = plugins;
  }

  static Stream<Path> pluginDirs() {
    return Stream.of(Path.of("/usr/lib/cni"), Engine.peer("jubelet.cni191"));
  }

  @BeforeEach
  void dropForwarded() throws Exception {
    Namespace.output(List.of("iptables", "-P", "FORWARD", "DROP"));
    rulesBefore = Namespace.output(List.of("iptables", "-S"));
  }

  @AfterEach
  void leaveNothing() throws Exception {
    undo.reversed().forEach(Runnable::run);
    namespaces.forEach(Namespace::close);
    traces.close();
    for (String bridge : List.of("jt0", "jt1")) {
      Namespace.output(List.of("ip", "link", "del", bridge));
    }
    assertThat(Namespace.output(List.of("iptables", "-S"))).isEqualTo(rulesBefore);
    assertThat(leases("net0")).isEmpty();
    assertThat(leases("net1")).isEmpty();
  }

  @Test
  void twoPodsReachEachOtherAndLeaveNothingBehind() throws Exception {
    CniNetwork network = network(0, "10.90.0.0/24", "");
    assertThat(network.readiness().ready()).as(network.readiness().message()).isTrue();
    Namespace one = namespace();
    Namespace two = namespace();

    Attachment first = setUp(network, pod("one"), one);
    Attachment second = setUp(network, pod("two"), two);
    one.serve(80, dir);

    assertThat(two.reaches(first.ips().getFirst(), 80)).isTrue();
    assertThat(one.run("ip", "-o", "link", "show", "lo")).contains("UP");
    assertThat(one.reaches("127.0.0.1", 80)).isTrue();
    assertThat(network.attached(pod("two"))).contains(second);
    assertThat(leases("net0")).hasSize(2);

    network.tearDown(pod("one"), Optional.of(one.pid()), List.of(), DEADLINE);
    network.tearDown(pod("one"), Optional.of(one.pid()), List.of(), DEADLINE);
    assertThat(one.run("ip", "link")).doesNotContain("eth0");
    assertThat(leases("net0")).containsExactly(second.ips().getFirst());
  }

  @Test
  void setUpTwiceGivesTheSame() throws Exception {
    CniNetwork network = network(0, "10.90.0.0/24", "");
    Namespace one = namespace();

    Attachment first = setUp(network, pod("one"), one);

    assertThat(setUp(network, pod("one"), one)).isEqualTo(first);
    assertThat(leases("net0")).hasSize(1);
  }

  @Test
  void podsOnTwoBridgesReachEachOtherByRulesThatGoWithThem() throws Exception {
    CniNetwork left = network(0, "10.90.0.0/24", "");
    CniNetwork right = network(1, "10.90.1.0/24", "");
    Namespace one = namespace();
    Namespace two = namespace();
    setUp(left, pod("one"), one);
    Attachment second = setUp(right, pod("two"), two);
    two.serve(80, dir);
    assertThat(one.reaches(second.ips().getFirst(), 80)).isTrue();
    String rules = Namespace.output(List.of("iptables", "-S"));
    assertThat(rules).contains("-P FORWARD DROP", "-i jt0", "-o jt1");

    // After a restart, which knows of the rules' users from the cache only.
    CniNetwork again = network(0, "10.90.0.0/24", "");
    again.tearDown(pod("one"), Optional.of(one.pid()), List.of(), DEADLINE);

    String after = Namespace.output(List.of("iptables", "-S"));
    assertThat(after).doesNotContain("jt0").contains("-i jt1");
  }

  @Test
  void rulesGoAlsoWhenTheProcessDiedAfterItsPluginsRan() throws Exception {
    CniNetwork network = network(0, "10.90.0.0/24", "");
    Namespace one = namespace();
    setUp(network, pod("one"), one);
    // The end of the plugins' DEL is that the entry goes; the rules come after.
    Files.delete(only(dir.resolve("cache0/results")));

    open(0).tearDown(pod("one"), Optional.of(one.pid()), List.of(), DEADLINE);

    assertThat(Namespace.output(List.of("iptables", "-S"))).isEqualTo(rulesBefore);
  }

  @Test
  void aDeadSandboxIsTakenOffWithoutItsNamespaceOrConfiguration() throws Exception {
    CniNetwork network = network(0, "10.90.0.0/24", "");
    Namespace one = namespace();
    Namespace other = namespace();
    setUp(network, pod("one"), one);
    setUp(network, pod("other"), other);
    one.close();
    Files.delete(dir.resolve("net0.d/10-net.conflist"));

    // Its process id now belongs to another pod, whose interface must stay.
    CniNetwork fresh = open(0);
    fresh.tearDown(pod("one"), Optional.of(other.pid()), List.of(), DEADLINE);

    assertThat(leases("net0")).hasSize(1);
    assertThat(other.run("ip", "link")).contains("eth0");
    assertThat(fresh.readiness().message()).startsWith("cni config uninitialized");
  }

  /// As when the engine stops: the bridge plugin is content, and masquerading would stay.
  @Test
  void aNamespaceThatGoesDuringItsTearDownLeavesNoRules() throws Exception {
    CniNetwork network = network(0, "10.90.0.0/24", ",{\"type\":\"leaver\"}");
    Path conf = dir.resolve("net0.d/10-net.conflist");
    Files.writeString(conf, Files.readString(conf).replace("\"ipMasq\":false", "\"ipMasq\":true"));
    Namespace one = namespace();
    setUp(network, pod("one"), one);
    assertThat(natRules()).contains("id: \\\"one\\\"");

    network.tearDown(pod("one"), Optional.of(one.pid()), List.of(), DEADLINE);

    assertThat(natRules()).doesNotContain("id: \\\"one\\\"");
    assertThat(leases("net0")).isEmpty();
  }

  private static String natRules() throws Exception {
    return Namespace.output(List.of("iptables", "-t", "nat", "-S"));
  }

  /// ADD hands on what came before it; DEL, where it is the first, ends the sandbox's process.
  private Path leaver() throws IOException {
    Path bin = Files.createDirectories(dir.resolve("leaver.d"));
    Path leaver = bin.resolve("leaver");
    Files.writeString(leaver, """
        #!/bin/sh
        pid=${CNI_NETNS#/proc/}
        case $CNI_COMMAND in
          VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["1.0.0"]}' ;;
          ADD) exec jq -c .prevResult ;;
          DEL)
            [ -n "$pid" ] || exit 0
            kill -9 "${pid%%/*}"
            n=0
            while [ -e "$CNI_NETNS" ] && [ $n -lt 500 ]; do n=$((n + 1)); sleep 0.01; done
            ;;
        esac
        """);
    assertThat(leaver.toFile().setExecutable(true)).isTrue();
    return bin;
  }

  @Test
  void leasesFromBeforeARebootAreFreedWhenNeeded() throws Exception {
    // One address for pods: .2; the gateway has .1.
    CniNetwork before = network(0, "10.90.0.0/30", "");
    Namespace one = namespace();
    Attachment first = setUp(before, pod("one"), one);
    one.close();
    Path entry = only(dir.resolve("cache0/results"));
    Files.writeString(
        entry, Files.readString(entry).replaceAll("\"boot\":\"[^\"]+\"", "\"boot\":\"earlier\""));

    CniNetwork after = open(0);

    assertThat(setUp(after, pod("two"), namespace())).isEqualTo(first);
  }

  @Test
  void whatBelongsToNoSandboxIsCollectedAndStrangersAreNot() throws Exception {
    CniNetwork network = network(0, "10.90.0.0/24", "");
    setUp(network, pod("one"), namespace());
    setUp(network, pod("two"), namespace());
    setUp(network, pod("stranger"), namespace());
    Path stranger = dir.resolve("cache0/results/net0-stranger-eth0");
    // As libcni writes it: without our notes.
    Files.writeString(
        stranger, Files.readString(stranger).replaceAll(",\"dev.jubelet\":\\{[^}]*\\}", ""));

    network.collect(() -> Set.of("two"));

    assertThat(leases("net0")).hasSize(2);
    assertThat(network.attached(pod("one"))).isEmpty();
    assertThat(network.attached(pod("stranger"))).isPresent();
  }

  @Test
  void hostPortsArePublishedAndTheirOwnersNamed() throws Exception {
    CniNetwork network = network(0, "10.90.0.0/24", PORTMAP);
    Namespace one = namespace();
    List<HostPort> ports = List.of(new HostPort("tcp", 80, 18080, ""));
    PodRef pod = pod("one");
    network.claim(new PodRef("", "default", "one", pod.uid(), Map.of()), ports);
    network.setUp(pod, one.pid(), ports, DEADLINE);
    undo.add(() -> tearDown(network, pod, Optional.of(one.pid()), ports));
    one.serve(80, dir);

    assertThat(Namespace.patiently(() -> reachable(18080))).isTrue();

    // Another process of ours knows it from the cache.
    assertThatThrownBy(() -> open(0).claim(pod("two"), ports))
        .isInstanceOf(NetworkException.class)
        .hasMessageContaining("host port 18080/tcp of pod default/two is taken by pod default/one");
    try (ServerSocket socket = new ServerSocket(18081)) {
      assertThat(socket.isBound()).isTrue();
      assertThatThrownBy(
              () -> network.claim(pod("two"), List.of(new HostPort("tcp", 80, 18081, "10.9.9.9"))))
          .hasMessageContaining(
              "is taken by java (pid " + ProcessHandle.current().pid() + ")");
    }

    network.tearDown(pod, Optional.of(one.pid()), ports, DEADLINE);
    network.claim(pod("two"), ports);
    assertThat(reachable(18080)).isFalse();
    assertThat(Namespace.output(List.of("iptables", "-t", "nat", "-S"))).doesNotContain("18080");
  }

  @Test
  void aHostPortWithoutPortmapIsRefusedByName() throws Exception {
    CniNetwork network = network(0, "10.90.0.0/24", "");

    assertThatThrownBy(() -> network.claim(pod("one"), List.of(new HostPort("tcp", 80, 18080, ""))))
        .hasMessageContaining("hostPort needs the portmap plugin")
        .hasMessageContaining("net0");
  }

  @Test
  void anAttemptCutShortIsUndone() throws Exception {
    // The second plugin fails after host-local gave an address.
    CniNetwork network =
        network(0, "10.90.0.0/24", ",{\"type\":\"tuning\",\"sysctl\":{\"x.y\":\"1\"}}");
    Namespace one = namespace();

    assertThatThrownBy(() -> setUp(network, pod("one"), one))
        .hasMessageStartingWith(
            "pod default/one (sandbox one): plugin type=\"tuning\" failed (add)");
    assertThat(leases("net0")).hasSize(1);
    open(0).tearDown(pod("one"), Optional.of(one.pid()), List.of(), DEADLINE);

    assertThat(leases("net0")).isEmpty();
    assertThat(one.run("ip", "link")).doesNotContain("eth0");
  }

  @Test
  void aTearDownCutShortIsNoAttachment() throws Exception {
    CniNetwork network = network(0, "10.90.0.0/24", PORTMAP);
    Namespace one = namespace();
    Attachment first = setUp(network, pod("one"), one);
    // What runs last at DEL does not run.
    Path half = Files.createDirectory(dir.resolve("half"));
    Files.createSymbolicLink(half.resolve("portmap"), plugins.resolve("portmap"));
    CniNetwork cutShort = new CniNetwork(
        dir.resolve("net0.d"), List.of(half), dir.resolve("cache0"), "owner0", traces);
    assertThatThrownBy(
            () -> cutShort.tearDown(pod("one"), Optional.of(one.pid()), List.of(), DEADLINE))
        .hasMessageContaining("bridge");

    CniNetwork after = open(0);
    assertThat(after.attached(pod("one"))).isEmpty();
    assertThat(setUp(after, pod("one"), one).ips()).hasSize(1);
    assertThat(after.attached(pod("one"))).isPresent();
    assertThat(leases("net0")).hasSize(1);
    assertThat(first.ips()).hasSize(1);
  }

  @Test
  void aProcessInTheHostsNamespaceIsNeverJoined() throws Exception {
    CniNetwork network = network(0, "10.90.0.0/24", "");

    assertThatThrownBy(
            () -> network.setUp(pod("one"), ProcessHandle.current().pid(), List.of(), DEADLINE))
        .hasMessageContaining("has no network namespace of its own");
  }

  @Test
  void eachPluginRunIsASpan() throws Exception {
    CniNetwork network = network(0, "10.90.0.0/24", PORTMAP);
    Span root = traces.podStart("uid-one", "default", "one", Instant.now());
    try (Scope scope = root.makeCurrent()) {
      assertThat(scope).isNotNull();
      setUp(network, pod("one"), namespace());
    } finally {
      root.end();
    }

    assertThat(traces.store().spansOf("uid-one"))
        .extracting(span -> span.getName())
        .contains("cni ADD bridge", "cni ADD portmap");
  }

  private static final String PORTMAP =
      ",{\"type\":\"portmap\",\"capabilities\":{\"portMappings\":true}}";

  private Attachment setUp(CniNetwork network, PodRef pod, Namespace namespace)
      throws NetworkException {
    undo.add(() -> tearDown(network, pod, Optional.of(namespace.pid()), List.of()));
    return network.setUp(pod, namespace.pid(), List.of(), DEADLINE);
  }

  private static void tearDown(
      CniNetwork network, PodRef pod, Optional<Long> pid, List<HostPort> ports) {
    try {
      network.tearDown(pod, pid, ports, DEADLINE);
    } catch (NetworkException e) {
      throw new IllegalStateException(e);
    }
  }

  private CniNetwork network(int number, String subnet, String more) throws IOException {
    Path conf = Files.createDirectories(dir.resolve("net" + number + ".d"));
    Files.writeString(conf.resolve("10-net.conflist"), """
        {"cniVersion":"1.0.0","name":"net%1$d","plugins":[
         {"type":"bridge","bridge":"jt%1$d","isGateway":true,"ipMasq":false,
          "ipam":{"type":"host-local","dataDir":"%2$s","ranges":[[{"subnet":"%3$s"}]],
           "routes":[{"dst":"0.0.0.0/0"}]}}%4$s]}\
        """.formatted(
            number, dir.resolve("leases"), subnet, more));
    return open(number);
  }

  /// As after a restart: another object on the same directories.
  private CniNetwork open(int number) throws IOException {
    return new CniNetwork(
        dir.resolve("net" + number + ".d"),
        List.of(plugins, leaver()),
        dir.resolve("cache" + number),
        "owner" + number,
        traces);
  }

  private Namespace namespace() throws IOException {
    Namespace namespace = new Namespace();
    namespaces.add(namespace);
    return namespace;
  }

  private static PodRef pod(String name) {
    return new PodRef(name, "default", name, "uid-" + name, Map.of());
  }

  private List<String> leases(String network) throws IOException {
    Path leases = dir.resolve("leases").resolve(network);
    if (!Files.exists(leases)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(leases)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("10."))
          .toList();
    }
  }

  private static Path only(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> all = files.toList();
      assertThat(all).hasSize(1);
      return all.getFirst();
    }
  }

  /// Through the host's address that is not loopback, as other machines come.
  private static boolean reachable(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.ofLiteral("10.90.0.1"), port), 700);
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
