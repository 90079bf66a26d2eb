package dev.jubelet.kubelet.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The cases of upstream's `container_log_manager_test.go`.
class LogRotationTest {
  private static final String LOG = "0.log";

  private static LogRotation of(int maxFiles, String... suffixes) {
    List<String> names =
        new ArrayList<>(List.of(LOG, "1.log", "1.log.20260101-000000", "10.log.gz"));
    for (String suffix : suffixes) {
      names.add(LOG + suffix);
    }
    return LogRotation.of(LOG, names, maxFiles);
  }

  @Test
  void aFirstRotationHasNothingToDo() {
    assertThat(of(5)).isEqualTo(new LogRotation(List.of(), List.of()));
  }

  @Test
  void theOneRotatedLastIsCompressedNow() {
    assertThat(of(5, ".20260101-000000.gz", ".20260102-000000"))
        .isEqualTo(new LogRotation(List.of(), List.of("0.log.20260102-000000")));
  }

  @Test
  void leftoversOfAKillGo() {
    assertThat(of(5, ".20260101-000000", ".20260101-000000.gz", ".20260102-000000.tmp")
            .remove())
        .containsExactly("0.log.20260101-000000", "0.log.20260102-000000.tmp");
  }

  @Test
  void theOldestGoSoThatTheNewOnesFit() {
    assertThat(of(
            4,
            ".20260103-000000",
            ".20260101-000000.gz",
            ".20260102-000000.gz",
            ".20260104-000000"))
        .isEqualTo(new LogRotation(
            List.of("0.log.20260101-000000.gz", "0.log.20260102-000000.gz"),
            List.of("0.log.20260103-000000", "0.log.20260104-000000")));
    assertThat(of(2, ".20260101-000000").remove()).containsExactly("0.log.20260101-000000");
  }
}
