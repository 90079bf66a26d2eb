package dev.jubelet.dockershim.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.dockershim.network.PodNetwork.HostPort;
import dev.jubelet.dockershim.network.PodNetwork.PodRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostPortsTest {
  private static final String HEAD = "  sl  local_address rem_address   st ...\n";

  @TempDir
  Path proc;

  private HostPorts ports;

  /// 127.0.0.1:8080 listens (nginx), 10.0.0.5:8081 is connected, [::]:9090 listens (unseen), UDP
  /// 0.0.0.0:53 is bound (nginx).
  @BeforeEach
  void setUp() throws IOException {
    Files.createDirectories(proc.resolve("net"));
    Files.writeString(
        proc.resolve("net/tcp"),
        HEAD
            + "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0"
            + " 77 1\n"
            + "   1: 0500000A:1F91 00000000:0000 01 00000000:00000000 00:00000000 00000000  0  0"
            + " 78 1\n");
    Files.writeString(
        proc.resolve("net/tcp6"),
        HEAD
            + "   0: 00000000000000000000000000000000:2382 00000000000000000000000000000000:0000 0A"
            + " 00000000:00000000 00:00000000 00000000  0  0 99 1\n");
    Files.writeString(
        proc.resolve("net/udp"),
        HEAD
            + "   0: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000  0  0"
            + " 77 2\n");
    Path fds = Files.createDirectories(proc.resolve("812/fd"));
    Files.createSymbolicLink(fds.resolve("3"), Path.of("socket:[77]"));
    Files.writeString(proc.resolve("812/comm"), "nginx\n");
    ports = new HostPorts(proc);
  }

  @Test
  void namesTheProcessThatListens() {
    assertThatThrownBy(() -> claim("a", tcp(8080, "")))
        .isInstanceOf(NetworkException.class)
        .hasMessage("host port 8080/tcp of pod default/a is taken by nginx (pid 812)");
    assertThatThrownBy(() -> claim("a", new HostPort("UDP", 53, 53, "")))
        .hasMessageContaining("nginx (pid 812)");
    assertThatThrownBy(() -> claim("a", tcp(9090, "10.0.0.5")))
        .hasMessageContaining("a process that cannot be seen from here (socket 99)");
  }

  @Test
  void anotherAddressAStateOrAProtocolIsFree() {
    assertThatCode(() -> {
          claim("a", tcp(8080, "10.0.0.5"));
          claim("b", tcp(8081, ""));
          claim("c", new HostPort("udp", 80, 8080, ""));
          claim("d", new HostPort("sctp", 80, 8080, ""));
          claim("e", tcp(0, ""));
        })
        .doesNotThrowAnyException();
  }

  @Test
  void namesThePodThatClaimedUntilItIsReleased() throws Exception {
    claim("a", tcp(7000, "10.0.0.5"));
    assertThatThrownBy(() -> claim("b", tcp(7000, "0.0.0.0")))
        .hasMessage("host port 7000/tcp of pod default/b is taken by pod default/a");
    claim("b", tcp(7000, "10.0.0.6"));

    ports.bind(pod("a", "s1"));
    ports.release(pod("a", "s0"));
    assertThatThrownBy(() -> claim("c", tcp(7000, "10.0.0.5"))).hasMessageContaining("default/a");
    ports.release(pod("a", "s1"));

    claim("c", tcp(7000, "10.0.0.5"));
  }

  @Test
  void aRefusedClaimHoldsNothing() throws Exception {
    assertThatThrownBy(
            () -> ports.claim(pod("a", ""), List.of(tcp(7000, ""), tcp(8080, "")), List.of()))
        .hasMessageContaining("8080");

    claim("b", tcp(7000, ""));
  }

  @Test
  void aClaimOfWhichNoSandboxCameIsGivenUpAndOneOfASandboxIsNot() throws Exception {
    claim("a", tcp(7000, ""));
    ports.release(pod("a", ""));
    claim("b", tcp(7000, ""));

    ports.bind(pod("b", "s1"));
    ports.release(pod("b", ""));
    assertThatThrownBy(() -> claim("c", tcp(7000, ""))).hasMessageContaining("default/b");
  }

  @Test
  void portsOfEarlierSandboxesCount() {
    List<HostPorts.Held> held = List.of(new HostPorts.Held(tcp(7000, ""), "kube/x", "s9"));

    assertThatThrownBy(() -> ports.claim(pod("a", ""), List.of(tcp(7000, "")), held))
        .hasMessageContaining("taken by pod kube/x (sandbox s9)");
    assertThat(held).hasSize(1);
  }

  private void claim(String name, HostPort port) throws NetworkException {
    ports.claim(pod(name, ""), List.of(port), List.of());
  }

  private static HostPort tcp(int port, String ip) {
    return new HostPort("tcp", 80, port, ip);
  }

  private static PodRef pod(String name, String sandbox) {
    return new PodRef(sandbox, "default", name, "uid-" + name, Map.of());
  }
}
