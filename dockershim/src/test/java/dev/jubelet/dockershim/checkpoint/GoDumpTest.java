package dev.jubelet.dockershim.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.dockershim.checkpoint.SandboxCheckpoint.Port;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The sums that the Go programs computed.
class GoDumpTest {
  @Test
  void criDockerd() {
    assertThat(GoDump.criDockerd(of(List.of(), false))).isEqualTo(2305795928L);
    assertThat(GoDump.criDockerd(of(List.of(), true))).isEqualTo(12315789L);
    assertThat(GoDump.criDockerd(
            of(List.of(new Port("tcp", 80, 12000, ""), new Port("udp", 53, 0, "1.2.3.4")), false)))
        .isEqualTo(4269956132L);
  }

  @Test
  void dockershim() {
    assertThat(GoDump.dockershim(of(List.of(), false))).isEqualTo(815459779L);
    assertThat(GoDump.dockershim(of(List.of(), true))).isEqualTo(996107268L);
    assertThat(GoDump.dockershim(of(List.of(new Port("tcp", 80, 12000, "")), false)))
        .isEqualTo(3785183020L);
  }

  private static SandboxCheckpoint of(List<Port> ports, boolean hostNetwork) {
    return new SandboxCheckpoint("p", "n", "u", ports, hostNetwork);
  }
}
