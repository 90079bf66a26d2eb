package dev.jubelet.dockershim.naming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogPathTest {
  @Test
  void isBelowTheDirectory() {
    assertThat(LogPath.of("/var/log/pods/p/", "web/0.log"))
        .contains(Path.of("/var/log/pods/p/web/0.log"));
    assertThat(LogPath.of("", "web/0.log")).isEmpty();
    assertThat(LogPath.of("/var/log", "")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/var/log,../../etc/cron.d/x",
    "/var/log,a/../../x",
    "/var/log,/etc/passwd",
    "/var/../etc,x",
    "var/log,x"
  })
  void neverLeavesIt(String directory, String path) {
    assertThatThrownBy(() -> LogPath.of(directory, path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("log_");
  }
}
