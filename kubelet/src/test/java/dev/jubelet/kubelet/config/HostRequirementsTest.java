package dev.jubelet.kubelet.config;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostRequirementsTest {
  @TempDir
  Path host;

  private void check(String... flags) throws ConfigException {
    HostRequirements.check(
        KubeletFlags.parse(flags).configuration(), host.resolve("swaps"), host.resolve("cgroup"));
  }

  @Test
  void aHostWithoutSwapTableOrCgroup2IsTakenByDefault() {
    assertThatCode(this::check).doesNotThrowAnyException();
  }

  @Test
  void swapIsRefusedUnlessAllowed() throws IOException {
    Files.writeString(host.resolve("swaps"), "Filename Type Size Used Priority\n");
    assertThatCode(this::check).doesNotThrowAnyException();
    Files.writeString(host.resolve("swaps"), "Filename Type\n/dev/sda2 partition 1 0 -2\n");
    assertThatThrownBy(this::check)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("--fail-swap-on=false");
    assertThatCode(() -> check("--fail-swap-on=false")).doesNotThrowAnyException();
  }

  @Test
  void cgroup1IsRefusedOnlyWhenAsked() throws IOException {
    assertThatThrownBy(() -> check("--fail-cgroupv1")).hasMessageContaining("cgroup v1");
    Files.createDirectory(host.resolve("cgroup"));
    Files.createFile(host.resolve("cgroup/cgroup.controllers"));
    assertThatCode(() -> check("--fail-cgroupv1")).doesNotThrowAnyException();
  }
}
