package dev.jubelet.cli.doctor;

import static dev.jubelet.cli.doctor.SeenFixture.CHAIN;
import static dev.jubelet.cli.doctor.SeenFixture.OTHER;
import static dev.jubelet.cli.doctor.SeenFixture.OWNER;
import static dev.jubelet.cli.doctor.SeenFixture.PLACE;
import static dev.jubelet.cli.doctor.SeenFixture.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.cli.doctor.Seen.Holder;
import dev.jubelet.dockershim.naming.DockerName;
import dev.jubelet.dockershim.naming.Labels;
import dev.jubelet.dockershim.network.NetworkSurvey.Joined;
import dev.jubelet.dockershim.network.NetworkSurvey.Lease;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LeaksTest {
  private static final String GONE = id("dead");

  private final SeenFixture machine = new SeenFixture().pod("1").pod("2");

  @Test
  void podsThatRunLeakNothing() {
    assertThat(found()).isEmpty();
  }

  @Test
  void whatAPodThatEndedKeepsIsItsOwn() {
    machine.sandbox(id("3a"), "uid-3", "exited", OWNER);
    machine.container(id("3b"), "uid-3", id("3a"), "exited", OWNER);
    machine.pods.add("uid-3");
    machine.podLogs.add("default_three-node_uid-3");
    machine.mounts.add(PLACE.pods().resolve("uid-3/volumes/kubernetes.io~empty-dir/memory"));
    machine.checkpoints.put(PLACE.checkpoints().resolve(id("3a")), id("3a"));
    machine.sandbox(id("1c"), "uid-1", "exited", OWNER);
    machine.container(id("1d"), "uid-1", id("1gone"), "exited", OWNER);
    assertThat(found()).isEmpty();
  }

  @Test
  void containersWithoutTheirSandbox() {
    machine.container(id("4b"), "uid-4", GONE, "running", OWNER);
    machine.container(id("5b"), "uid-5", GONE, "exited", OWNER);
    machine.sandbox(id("6a"), "uid-6", "exited", OWNER);
    machine.container(id("6b"), "uid-6", id("6a"), "running", OWNER);
    machine.pods.add("uid-6");
    assertThat(found())
        .containsExactlyInAnyOrder(
            "LEAK container " + id("4b"),
            "LEAK container " + id("5b"),
            "LEAK container " + id("6b"));
  }

  @Test
  void sandboxesOfPodsThatHaveNoDirectory() {
    machine.sandbox(id("3a"), "uid-3", "created", OWNER);
    assertThat(found()).containsExactly("LEAK sandbox " + id("3a"));
  }

  @Test
  void ofTwoThatRunTheOlderOneIsTooMany() {
    machine.sandbox(id("1c"), "uid-1", "running", OWNER);
    machine.join(id("1c"), "9", OWNER);
    machine.checkpoints.put(PLACE.checkpoints().resolve(id("1c")), id("1c"));
    machine.container(id("2c"), "uid-2", id("2a"), "running", OWNER);
    assertThat(found())
        .containsExactlyInAnyOrder("LEAK sandbox " + id("1a"), "LEAK container " + id("2b"));
  }

  @Test
  void aProbeThatWasCutShort() {
    machine.add(id("77"), "jubelet-probe-1f", "created", "none", Map.of("dev.jubelet.probe", "x"));
    assertThat(found()).containsExactly("LEAK container " + id("77"));
  }

  @Test
  void processesOfContainersThatTheEngineForgot() {
    machine.lose(id("2b"));
    machine.processes.put(42L, id("2b"));
    machine.processes.put(43L, id("another engine's"));
    assertThat(found())
        .containsExactlyInAnyOrder(
            "LEAK process 42",
            "LEAK log-checkpoint " + PLACE.logCheckpoints().resolve("2b.log-checkpoint"));
  }

  @Test
  void everythingOfASandboxThatIsGone() {
    machine.lose(id("2a"));
    machine.lose(id("2b"));
    machine.pods.remove("uid-2");
    machine.processes.values().remove(id("2a"));
    machine.interfaces.add("veth2");
    machine.namespaces.put("net:2", Set.of(new Holder(0, "/run/docker/netns/abc")));
    machine.mounts.add(PLACE.pods().resolve("uid-2/volumes/kubernetes.io~empty-dir/memory"));
    machine.nat("-A POSTROUTING -s 10.0.0.2/32 -m comment --comment \"name: \\\"net\\\" id: \\\""
        + id("2a") + "\\\"\" -j CNI-abc");
    machine.nat("-A CNI-abc -d 10.0.0.0/24 -m comment --comment \"name: \\\"net\\\" id: \\\""
        + id("2a") + "\\\"\" -j ACCEPT");
    assertThat(found())
        .containsExactlyInAnyOrder(
            "LEAK cni-result /cache/net-" + id("2a") + "-eth0",
            "LEAK interface veth2",
            "LEAK network-namespace net:2",
            "LEAK ip-lease /leases/net/10.0.0.2",
            "LEAK iptables-rule " + "iptables nat " + machine.rules.get(4).text(),
            "LEAK checkpoint " + PLACE.checkpoints().resolve(id("2a")),
            "LEAK log-checkpoint " + PLACE.logCheckpoints().resolve("2b.log-checkpoint"),
            "LEAK log-directory /var/log/pods/default_2-node_uid-2",
            "LEAK log-link /var/log/containers/2",
            "LEAK mount " + PLACE.pods().resolve("uid-2/volumes/kubernetes.io~empty-dir/memory"));
    assertThat(fixes())
        .contains("rm /leases/net/10.0.0.2", "umount /run/docker/netns/abc")
        .anyMatch(fix -> fix.startsWith("iptables -w -t nat -D POSTROUTING -s 10.0.0.2/32")
            && fix.endsWith("; iptables -w -t nat -F CNI-abc; iptables -w -t nat -X CNI-abc"));
  }

  @Test
  void aSandboxThatDoesNotRunHoldsNoAddress() {
    machine.state(id("2a"), "exited");
    machine.state(id("2b"), "exited");
    assertThat(found())
        .containsExactlyInAnyOrder(
            "LEAK cni-result /cache/net-" + id("2a") + "-eth0",
            "LEAK ip-lease /leases/net/10.0.0.2");
  }

  @Test
  void aNamespaceThatAnotherPodGotSinceIsThatPods() {
    machine.join(GONE, "1", OWNER); // with the identity of pod 1's
    assertThat(found()).noneMatch(line -> line.contains("network-namespace"));
  }

  @Test
  void theChainGoesWithTheLastPod() {
    machine.rule("-A " + CHAIN + " -i cni9 -j ACCEPT");
    assertThat(found())
        .containsExactly("LEAK iptables-rule iptables filter -A " + CHAIN + " -i cni9 -j ACCEPT");
    SeenFixture empty = new SeenFixture();
    empty.rule("-N " + CHAIN);
    assertThat(found(empty)).containsExactly("LEAK iptables-chain iptables " + CHAIN);
  }

  @Test
  void directoriesAndFilesOfNoPod() {
    machine.pods.add("uid-9");
    machine.podLogs.add("default_nine_uid-8");
    machine.podLogs.add("not a pod's");
    machine.halfWritten.add(Path.of("/shim/.engine.json.1-1.tmp"));
    assertThat(found())
        .containsExactlyInAnyOrder(
            "LEAK pod-directory " + PLACE.pods().resolve("uid-9"),
            "LEAK log-directory /var/log/pods/default_nine_uid-8",
            "LEAK temporary-file /shim/.engine.json.1-1.tmp");
  }

  @Test
  void aPodWhoseTurnIsToComeLeaksNothing() {
    machine.pods.add("uid-9");
    machine.begun.add("uid-9");
    machine.mounts.add(PLACE.pods().resolve("uid-9/volumes/kubernetes.io~empty-dir/memory"));
    assertThat(found()).isEmpty();
  }

  @Test
  void whatAPodLacks() {
    machine.checkpoints.remove(PLACE.checkpoints().resolve(id("1a")));
    machine.pods.remove("uid-1");
    machine.joined.removeFirst();
    machine.leases.removeLast();
    machine.rules.removeIf(rule -> rule.text().startsWith("-A FORWARD"));
    assertThat(found())
        .containsExactlyInAnyOrder(
            "MISSING checkpoint " + PLACE.checkpoints().resolve(id("1a")),
            "MISSING pod-directory " + PLACE.pods().resolve("uid-1"),
            "MISSING cni-result " + id("1a"),
            "MISSING ip-lease /leases/net/10.0.0.2",
            "MISSING iptables-chain iptables " + CHAIN);
  }

  @Test
  void anAttachmentThatWasCutShort() {
    Joined whole = machine.joined.removeLast();
    machine.joined.add(new Joined(
        whole.file(),
        whole.sandboxId(),
        OWNER,
        "net",
        "net:2",
        true,
        Set.of(),
        Set.of(),
        Set.of(),
        Set.of()));
    assertThat(found()).containsExactly("MISSING cni-result " + whole.file());
  }

  @Test
  void othersThingsAreForeign() {
    machine.add(id("f1"), "web", "running", "bridge", Map.of());
    machine.add(id("f2"), "committed", "running", "bridge", Map.of(Labels.OWNER, OWNER));
    machine.sandbox(id("f3"), "uid-f3", "exited", OTHER);
    machine.container(id("f4"), "uid-f4", id("f3"), "running", "");
    machine.podLogs.add("default_x_uid-f4");
    machine.join(id("f3"), "33", OTHER);
    machine.join(GONE, "34", ""); // libcni's, of a sandbox of cri-dockerd's that is gone
    machine.leases.add(new Lease(Path.of("/leases/net/10.0.0.99"), "10.0.0.99", "net", id("cc")));
    machine.elsewhere.add(id("cc"));
    machine.nat("-A POSTROUTING -m comment --comment \"name: \\\"net\\\" id: \\\"" + id("cc")
        + "\\\"\" -j CNI-cc");
    machine.nat("-A POSTROUTING -m comment --comment \"name: \\\"podman\\\" id: \\\"" + id("dd")
        + "\\\"\" -j CNI-dd");
    machine.rule("-N JUBELET-FWD-12345678");
    assertThat(found())
        .containsExactlyInAnyOrder(
            "FOREIGN container " + id("f1"),
            "FOREIGN container " + id("f2"),
            "FOREIGN sandbox " + id("f3"),
            "FOREIGN container " + id("f4"),
            "FOREIGN ip-lease /leases/net/10.0.0.34");
  }

  @Test
  void logsOfAnotherNodesPodsAreForeign() {
    machine.podLogs.add("default_x-node_uid-8");
    machine.podLogs.add("default_x-neighbour_uid-9");
    Given node = new Given(false, "-node", Path.of("/var/run/docker.sock"));
    assertThat(Leaks.of(machine.seen(), node))
        .extracting(f -> f.verdict() + " " + f.kind() + " " + f.name())
        .containsExactlyInAnyOrder(
            "LEAK log-directory /var/log/pods/default_x-node_uid-8",
            "FOREIGN log-directory /var/log/pods/default_x-neighbour_uid-9");
  }

  @Test
  void aContainerNamedAsAPodsByItsNameAloneIsNone() {
    String name = DockerName.container("main", "p", "default", "uid-8", 0).toString();
    machine.add(id("88"), name, "exited", "bridge", Map.of(Labels.OWNER, OWNER));
    assertThat(found()).containsExactly("FOREIGN container " + id("88"));
  }

  @Test
  void theCommandsNameTheEngine() {
    machine.container(id("4b"), "uid-4", GONE, "running", OWNER);
    Given elsewhere = new Given(false, "", Path.of("/x.sock"));
    assertThat(Leaks.of(machine.seen(), elsewhere).getFirst().fix())
        .isEqualTo("docker -H unix:///x.sock rm -fv 4b0000000000");
  }

  private List<String> found() {
    return found(machine);
  }

  private static List<String> found(SeenFixture machine) {
    return Leaks.of(machine.seen(), given()).stream()
        .map(f -> f.verdict() + " " + f.kind() + " " + f.name())
        .toList();
  }

  private List<String> fixes() {
    return Leaks.of(machine.seen(), given()).stream().map(Finding::fix).toList();
  }

  private static Given given() {
    return new Given(false, "", Path.of("/var/run/docker.sock"));
  }
}
