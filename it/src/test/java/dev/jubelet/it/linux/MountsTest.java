package dev.jubelet.it.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.linux.MountEntry;
import dev.jubelet.linux.Mounts;
import dev.jubelet.linux.Mounts.Flag;
import dev.jubelet.linux.StatVfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountsTest {
  @TempDir
  Path temporary;

  private Path dir;
  private Path source;
  private Path target;

  @BeforeEach
  void prepare() throws Exception {
    dir = temporary.toRealPath();
    source = Files.createDirectory(dir.resolve("source with space"));
    target = Files.createDirectory(dir.resolve("target"));
    Files.writeString(source.resolve("file"), "text");
  }

  @AfterEach
  void unmountAll() throws Exception {
    for (MountEntry entry : Mounts.table().reversed()) {
      // One that is gone went with another, by propagation.
      if (entry.target().startsWith(dir) && Mounts.isMountPoint(entry.target())) {
        Mounts.unmount(entry.target(), true);
      }
    }
  }

  private static MountEntry at(Path path) throws IOException {
    assertThat(Mounts.isMountPoint(path)).isTrue();
    return Mounts.holding(path).orElseThrow();
  }

  @Test
  void bindsAndUnmounts() throws Exception {
    Mounts.bind(source, target, Set.of());
    assertThat(target.resolve("file")).hasContent("text");
    assertThat(at(target).root()).endsWith("/source with space");
    Mounts.unmount(target, false);
    assertThat(Mounts.isMountPoint(target)).isFalse();
    assertThatThrownBy(() -> Mounts.unmount(target, false)).hasMessageContaining("EINVAL");
  }

  @Test
  void readOnlyKeepsTheOtherOptions() throws Exception {
    Mounts.tmpfs(source, 0, 0755);
    Mounts.bind(source, target, Set.of(Flag.READ_ONLY));
    assertThat(at(target).options()).contains("ro", "nosuid", "nodev");
    assertThatThrownBy(() -> Files.createFile(target.resolve("new")))
        .hasMessageContaining("Read-only");
    Files.createFile(source.resolve("new"));
  }

  @Test
  void propagation() throws Exception {
    Mounts.bind(source, source, Set.of(Flag.SHARED));
    assertThat(at(source).shared()).isTrue();
    Mounts.bind(source, target, Set.of(Flag.SLAVE));
    assertThat(at(target).propagation()).anyMatch(p -> p.startsWith("master:"));
    Path inner = Files.createDirectory(source.resolve("inner"));
    Mounts.tmpfs(inner, 0, 0755);
    assertThat(Mounts.isMountPoint(target.resolve("inner"))).as("came through").isTrue();
    Mounts.unmount(inner, false);
    Path own = Files.createDirectory(dir.resolve("own"));
    Mounts.bind(source, own, Set.of(Flag.PRIVATE));
    assertThat(at(own).propagation()).isEmpty();
    Mounts.makeShared(own, true);
    assertThat(at(own).shared()).isTrue();
  }

  @Test
  void recursiveTakesTheMountsBelow() throws Exception {
    Path inner = Files.createDirectory(source.resolve("inner"));
    Mounts.tmpfs(inner, 0, 0755);
    Files.createFile(inner.resolve("in tmpfs"));
    Mounts.bind(source, target, Set.of(Flag.RECURSIVE));
    assertThat(target.resolve("inner/in tmpfs")).exists();
  }

  @Test
  void aTmpfsHasItsSizeAndMode() throws Exception {
    Mounts.tmpfs(target, 1 << 20, 01777);
    StatVfs stat = StatVfs.of(target);
    assertThat(stat.fsType()).isEqualTo("tmpfs");
    assertThat(stat.totalBytes()).isEqualTo(1 << 20);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
        .isEqualTo("rwxrwxrwx");
    assertThatThrownBy(() -> Files.write(target.resolve("big"), new byte[2 << 20]))
        .hasMessageContaining("No space left");
  }

  @Test
  void aBusyMountGoesLazilyOnly() throws Exception {
    Mounts.tmpfs(target, 0, 0755);
    Files.writeString(target.resolve("open"), "text");
    try (var open = Files.newInputStream(target.resolve("open"))) {
      assertThatThrownBy(() -> Mounts.unmount(target, false)).hasMessageContaining("EBUSY");
      Mounts.unmount(target, true);
      assertThat(Mounts.isMountPoint(target)).isFalse();
      assertThat(open.read()).isEqualTo('t');
    }
  }

  @Test
  void aLinkIsNotUnmountedThrough() throws Exception {
    Mounts.tmpfs(target, 0, 0755);
    Path link = Files.createSymbolicLink(dir.resolve("link"), target);
    assertThatThrownBy(() -> Mounts.unmount(link, true)).isInstanceOf(IOException.class);
    assertThat(Mounts.isMountPoint(target)).isTrue();
  }
}
