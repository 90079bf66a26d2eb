package dev.jubelet.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootLockTest {
  @TempDir
  Path dir;

  @Test
  void aSecondIsRefusedNamingTheFirst() throws Exception {
    Path root = dir.resolve("made/for/it");
    long pid = ProcessHandle.current().pid();
    try (RootLock first = RootLock.acquire(root)) {
      for (int i = 0; i < 2; i++) { // a refused try must not undo the lock
        assertThatThrownBy(() -> RootLock.acquire(root))
            .hasMessageContaining(root + " is in use by pid " + pid + ": stop it first");
      }
      assertThat(first).isNotNull();
    }
    RootLock.acquire(root).close();
  }

  @Test
  void anotherProcessIsKeptOutToo() throws Exception {
    try (RootLock lock = RootLock.acquire(dir)) {
      assertThat(lock).isNotNull();
      assertThat(Files.exists(dir.resolve("lock"))).isTrue();
      assertThat(flock()).isEqualTo(1);
    }
    assertThat(flock()).isZero();
  }

  private int flock() throws Exception {
    return new ProcessBuilder("flock", "-n", dir.resolve("lock").toString(), "true")
        .start()
        .waitFor();
  }
}
