package dev.jubelet.dockershim.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.cri.v1.Mount;
import dev.jubelet.cri.v1.MountPropagation;
import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.engine.EngineFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostMountsTest {
  @TempDir
  Path dir;

  @Test
  void symlinksAreResolved() throws Exception {
    Path real = Files.createDirectory(dir.resolve("real")).toRealPath();
    Path link = Files.createSymbolicLink(dir.resolve("link"), real);
    var mounts = HostMounts.resolve(
        List.of(mount(link)
            .setReadonly(true)
            .setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER)
            .build()),
        facts(true));
    assertThat(mounts).singleElement().satisfies(m -> {
      assertThat(m.source()).isEqualTo(real.toString());
      assertThat(m.target()).isEqualTo("/in");
      assertThat(m.readOnly()).isTrue();
      assertThat(m.propagation()).isEqualTo("rslave");
    });
  }

  @Test
  void aMissingSourceIsNamed() {
    assertThatThrownBy(
            () -> HostMounts.resolve(List.of(mount(dir.resolve("none")).build()), facts(true)))
        .isInstanceOf(CriException.class)
        .hasMessageContaining("mounts[/in].host_path")
        .hasMessageContaining("none does not exist");
  }

  @Test
  void pathsMustBeAbsolute() {
    assertThatThrownBy(
            () -> HostMounts.resolve(List.of(mount(Path.of("relative")).build()), facts(true)))
        .hasMessageContaining("host_path");
    assertThatThrownBy(() ->
            HostMounts.resolve(List.of(mount(dir).setContainerPath("in").build()), facts(true)))
        .hasMessageContaining("container_path");
  }

  @Test
  void aRecursiveReadOnlyMountIsThatOrRefused() throws Exception {
    Mount.Builder mount = mount(dir).setReadonly(true).setRecursiveReadOnly(true);
    assertThat(HostMounts.resolve(List.of(mount.build()), facts(true)))
        .singleElement()
        .satisfies(m -> assertThat(m.recursiveReadOnly()).isTrue());
    assertThatThrownBy(() -> HostMounts.resolve(List.of(mount.build()), facts(false)))
        .hasMessageContaining("mounts[/in].recursive_read_only")
        .hasMessageContaining("Docker API 1.44");
    Mount shared =
        mount.clone().setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL).build();
    assertThatThrownBy(() -> HostMounts.resolve(List.of(shared), facts(true)))
        .hasMessageContaining("PROPAGATION_PRIVATE");
    Mount writable = mount.clone().setReadonly(false).build();
    assertThatThrownBy(() -> HostMounts.resolve(List.of(writable), facts(true)))
        .hasMessageContaining("needs readonly");
  }

  @Test
  void relabellingIsForEnginesThatLabel() throws Exception {
    Mount mount = mount(dir).setSelinuxRelabel(true).build();
    assertThat(HostMounts.resolve(List.of(mount), facts(true)))
        .singleElement()
        .satisfies(m -> assertThat(m.selinuxRelabel()).isFalse());
  }

  private static EngineFacts facts(boolean recursive) {
    return new EngineFacts(
        "1", "1.44", "cgroupfs", true, "/d", "json-file", false, recursive, Optional.empty());
  }

  private static Mount.Builder mount(Path source) {
    return Mount.newBuilder().setContainerPath("/in").setHostPath(source.toString());
  }
}
