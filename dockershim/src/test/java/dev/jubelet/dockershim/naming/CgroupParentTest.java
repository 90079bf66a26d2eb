package dev.jubelet.dockershim.naming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CgroupParentTest {
  @Test
  void systemdTakesTheSlice() {
    assertThat(CgroupParent.of("/kubepods.slice/kubepods-pod1.slice", "systemd"))
        .isEqualTo("kubepods-pod1.slice");
    assertThat(CgroupParent.of("/kubepods/pod1", "cgroupfs")).isEqualTo("/kubepods/pod1");
    assertThat(CgroupParent.of("", "systemd")).isEmpty();
  }

  @Test
  void isOneNameOnly() {
    assertThatThrownBy(() -> CgroupParent.of("/a.slice\nExecStart=x", "systemd"))
        .hasMessageContaining("cgroup_parent");
    assertThatThrownBy(() -> CgroupParent.of("/a/../../b", "cgroupfs"))
        .hasMessageContaining("cgroup_parent");
  }
}
