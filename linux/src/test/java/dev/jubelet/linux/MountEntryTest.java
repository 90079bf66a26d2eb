package dev.jubelet.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountEntryTest {
  private static final String TABLE = """
      22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
      30 22 0:25 / /var rw,nosuid,nodev master:5 propagate_from:2 - tmpfs tmpfs rw,size=1024k
      31 30 8:2 /sub\\040dir /var/a\\040b\\134c ro - xfs /dev/sdb rw
      32 30 8:3 / /var/lib rw - ext4 /dev/old rw
      33 30 8:4 / /var/lib rw - ext4 /dev/new rw
      a line that is none
      """;

  @Test
  void readsEveryField() {
    MountEntry var = Mounts.parse(TABLE).get(1);
    assertThat(var)
        .isEqualTo(new MountEntry(
            30,
            22,
            "0:25",
            "/",
            Path.of("/var"),
            List.of("rw", "nosuid", "nodev"),
            List.of("master:5", "propagate_from:2"),
            "tmpfs",
            "tmpfs",
            List.of("rw", "size=1024k")));
    assertThat(var.shared()).isFalse();
    assertThat(Mounts.parse(TABLE).getFirst().shared()).isTrue();
  }

  @Test
  void undoesTheEscapes() {
    MountEntry entry = Mounts.parse(TABLE).get(2);
    assertThat(entry.target()).isEqualTo(Path.of("/var/a b\\c"));
    assertThat(entry.root()).isEqualTo("/sub dir");
    assertThat(entry.propagation()).isEmpty();
  }

  @Test
  void skipsWhatItCannotRead() {
    assertThat(Mounts.parse(TABLE)).hasSize(5);
  }

  @Test
  void thePathIsHeldByTheDeepestAndTopmostMount() {
    List<MountEntry> table = Mounts.parse(TABLE);
    assertThat(source(table, "/var/lib/docker")).isEqualTo("/dev/new");
    assertThat(source(table, "/var/library")).isEqualTo("tmpfs");
    assertThat(source(table, "/home/../etc")).isEqualTo("/dev/sda1");
  }

  private static String source(List<MountEntry> table, String path) {
    return Mounts.holding(table, Path.of(path)).orElseThrow().source();
  }

  @Test
  void theMachinesOwnTableHasARoot() throws Exception {
    assertThat(Mounts.isMountPoint(Path.of("/"))).isTrue();
    assertThat(Mounts.isMountPoint(Path.of("/proc/self"))).isFalse();
    assertThat(Mounts.holding(Path.of("/proc/self"))).map(MountEntry::fsType).contains("proc");
  }
}
