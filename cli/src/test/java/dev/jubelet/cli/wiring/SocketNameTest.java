package dev.jubelet.cli.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SocketNameTest {

  @Test
  void shortRootsAreReadable() {
    assertThat(SocketName.of(Path.of("/var/lib/kubelet"))).isEqualTo("var-lib-kubelet");
    assertThat(SocketName.of(Path.of("/"))).isEqualTo("root");
  }

  @Test
  void longRootsStayShortAndDifferent() {
    String deep = "/tmp/" + "x".repeat(90);
    String one = SocketName.of(Path.of(deep + "/a/kubelet"));
    String two = SocketName.of(Path.of(deep + "/b/kubelet"));
    assertThat(one).hasSizeLessThanOrEqualTo(41).isNotEqualTo(two);
  }
}
