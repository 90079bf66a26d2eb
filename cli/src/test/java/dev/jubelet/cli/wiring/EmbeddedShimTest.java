package dev.jubelet.cli.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.dockershim.DockershimConfig;
import dev.jubelet.kubelet.config.KubeletFlags;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedShimTest {
  private static final Path SOCKET = Path.of("/run/x.sock");

  @TempDir
  Path directory;

  @Test
  void theNetworkIsCniWhereItIsConfiguredElseDocker() throws Exception {
    assertThat(config().network().plugin()).isEqualTo("docker");
    Files.createFile(directory.resolve("10-x.conflist"));
    assertThat(config().network().plugin()).isEqualTo("cni");
    assertThat(config("--network-plugin=none").network().plugin()).isEqualTo("none");
  }

  @Test
  void itListensWhereTheFlagSaysOrWhereTheRoleDoes() throws Exception {
    assertThat(config().socket()).isEqualTo(SOCKET);
    assertThat(
            config("--container-runtime=docker", "--container-runtime-endpoint=unix:///run/y.sock")
                .socket())
        .isEqualTo(Path.of("/run/y.sock"));
  }

  @Test
  void othersContainersAreTakenOverInTheirPlaceOnly() throws Exception {
    assertThat(config().adopt()).isTrue();
    assertThat(config("--root-dir=/var/lib/elsewhere").adopt()).isFalse();
    assertThat(config("--experimental-dockershim-root-directory=/var/lib/jubelet/x")
            .adopt())
        .isFalse();
  }

  private DockershimConfig config(String... flags) throws Exception {
    List<String> all =
        new ArrayList<>(List.of("--hostname-override=n", "--cni-conf-dir=" + directory));
    all.addAll(List.of(flags));
    return EmbeddedShim.config(KubeletFlags.parse(all.toArray(String[]::new)), SOCKET);
  }
}
