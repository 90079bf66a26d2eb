package dev.jubelet.kubelet.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.testkit.Fuzz;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A KubeletConfiguration file of any bytes is taken or refused with its problems.
class ConfigFuzzTest {
  @TempDir
  Path directory;

  @Test
  void anyFileIsTakenOrRefused() throws Exception {
    Path file = directory.resolve("config.yaml");
    Fuzz.of("config").tokens("1s", "5%", "1Gi", "- ", "{}").inputs(500).run(bytes -> {
      Files.write(file, bytes);
      try {
        KubeletFlags.parse(new String[] {"--config=" + file});
      } catch (ConfigException e) {
        assertThat(e.problems()).isNotEmpty();
      }
    });
  }
}
