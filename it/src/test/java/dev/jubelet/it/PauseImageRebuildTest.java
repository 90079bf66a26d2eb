package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The committed pause program is what its source says, byte for byte (needs binutils).
class PauseImageRebuildTest {
  private static final String RESOURCE = "/dev/jubelet/dockershim/image/pause";

  @TempDir
  Path dir;

  @Test
  void sourceGivesTheCommittedBytes() throws Exception {
    Path source = Engine.top().resolve("dockershim/src/main/pause/pause.S");

    run(List.of("as", "-o", "pause.o", source.toString()));
    run(List.of("objcopy", "-O", "binary", "-j", ".text", "pause.o", "pause"));

    try (InputStream committed = getClass().getResourceAsStream(RESOURCE)) {
      assertThat(Files.readAllBytes(dir.resolve("pause")))
          .isEqualTo(Objects.requireNonNull(committed).readAllBytes());
    }
  }

  private void run(List<String> command) throws Exception {
    Process process =
        new ProcessBuilder(command).directory(dir.toFile()).inheritIO().start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("%s ended", command).isTrue();
    assertThat(process.exitValue()).as("%s", command).isZero();
  }
}
