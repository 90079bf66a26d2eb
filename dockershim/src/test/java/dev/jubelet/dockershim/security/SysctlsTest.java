package dev.jubelet.dockershim.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SysctlsTest {
  @Test
  void passAsGiven() {
    Map<String, String> sysctls =
        Map.of("kernel.shm_rmid_forced", "1", "net.ipv4.ip_local_port_range", "1024\t65535");
    assertThat(Sysctls.checked(sysctls, false, false)).isEqualTo(sysctls);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "kernel..x", "kernel.x+y", "kernel.x y", "../etc", "Kernel.x"})
  void namesAreNamesOnly(String name) {
    assertThatThrownBy(() -> Sysctls.checked(Map.of(name, "1"), false, false))
        .hasMessageContaining("linux.sysctls");
  }

  @Test
  void noneReachesTheHost() {
    assertThatThrownBy(() -> Sysctls.checked(Map.of("net.core.somaxconn", "1"), true, false))
        .hasMessageContaining("host's network");
    assertThatThrownBy(() -> Sysctls.checked(Map.of("net/core/somaxconn", "1"), true, false))
        .hasMessageContaining("host's network");
    for (String name :
        new String[] {"kernel.shmmax", "kernel.msgmax", "kernel.sem", "fs.mqueue.x"}) {
      assertThatThrownBy(() -> Sysctls.checked(Map.of(name, "1"), false, true))
          .hasMessageContaining("IPC");
    }
    assertThatThrownBy(() -> Sysctls.checked(Map.of("kernel.x", "1\n2"), false, false))
        .hasMessageContaining("control character");
  }
}
