package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The tests' engine is not the machine's.
class EngineTest {

  @Test
  void runsInNamespacesOfItsOwn() throws Exception {
    String machine = System.getProperty("jubelet.it.machine");
    for (String kind : new String[] {"net", "mnt"}) {
      Path ours = Files.readSymbolicLink(Path.of("/proc/self/ns/" + kind));
      Path theirs = Files.readSymbolicLink(Path.of("/proc/" + machine + "/ns/" + kind));
      assertThat(ours).as(kind).isNotEqualTo(theirs);
    }
    assertThat(Engine.socket()).exists();
    assertThat(Files.readString(Path.of("/etc/hosts"))).contains("registry.test");
    assertThat(Files.readString(Path.of("/proc/" + machine + "/root/etc/hosts")))
        .doesNotContain("registry.test");
  }
}
