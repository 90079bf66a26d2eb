package dev.jubelet.dockershim.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.cri.v1.Mount;
import dev.jubelet.cri.v1.MountPropagation;
import dev.jubelet.dockershim.CriException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostMountsTest {
  @TempDir
  Path dir;

  @Test
  void symlinksAreResolved() throws Exception {
    Path real = Files.createDirectory(dir.resolve("real")).toRealPath();
    Path link = Files.createSymbolicLink(dir.resolve("link"), real);
    var mounts = HostMounts.resolve(List.of(mount(link)
        .setReadonly(true)
        .setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER)
        .build()));
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
            () -> HostMounts.resolve(List.of(mount(dir.resolve("none")).build())))
        .isInstanceOf(CriException.class)
        .hasMessageContaining("mounts[/in].host_path")
        .hasMessageContaining("none does not exist");
  }

  @Test
  void pathsMustBeAbsolute() {
    assertThatThrownBy(
            () -> HostMounts.resolve(List.of(mount(Path.of("relative")).build())))
        .hasMessageContaining("host_path");
    assertThatThrownBy(
            () -> HostMounts.resolve(List.of(mount(dir).setContainerPath("in").build())))
        .hasMessageContaining("container_path");
  }

  private static Mount.Builder mount(Path source) {
    return Mount.newBuilder().setContainerPath("/in").setHostPath(source.toString());
  }
}
