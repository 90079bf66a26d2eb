package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Runs last and outside of the namespaces: the machine's hosts file, CNI configuration and leases,
/// packet filter, mounts and
/// engine are as they were before the tests began.
class MachineUntouchedTest {

  @Test
  void isAsBefore() throws Exception {
    Path before = Path.of("target", "machine-before.txt");
    assertThat(before).as("written when the integration tests began").exists();
    Process snapshot = new ProcessBuilder("src/test/namespaces/snapshot")
        .redirectErrorStream(true)
        .start();
    String now = new String(snapshot.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(snapshot.waitFor()).isZero();
    assertThat(now).isEqualTo(Files.readString(before));
  }
}
