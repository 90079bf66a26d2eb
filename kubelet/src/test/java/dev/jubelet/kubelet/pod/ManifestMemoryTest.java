package dev.jubelet.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The worst manifests of the greatest size, read with the agent's own heap (`bin/jvm.options`):
/// each is accepted or refused, and none ends the process or takes for ever.
class ManifestMemoryTest {
  @Test
  void theWorstManifestsFitIntoTheAgentsHeap() throws Exception {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    Files.readAllLines(Path.of("../bin/jvm.options")).stream()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .forEach(words::add);
    words.addAll(List.of("-cp", System.getProperty("java.class.path")));
    words.add(WorstManifests.class.getName());
    Process program = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(program.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(said).contains("bytes are still there");
    assertThat(program.exitValue()).as(said).isZero();
  }
}
