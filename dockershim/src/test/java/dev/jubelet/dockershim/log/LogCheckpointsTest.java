package dev.jubelet.dockershim.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogCheckpointsTest {
  private static final LogCheckpoint SAVED = LogCheckpoint.of(
      new SourcePosition(new FileId(1, 2), "abc", 77, "def"), new FileId(3, 4), 99);

  @TempDir
  Path dir;

  private LogCheckpoints checkpoints;

  @BeforeEach
  void open() throws Exception {
    checkpoints = new LogCheckpoints(dir.resolve("made"));
  }

  private Path file() {
    return dir.resolve("made/c1.log-checkpoint");
  }

  @Test
  void keepsWhatIsSaved() throws Exception {
    LogCheckpoint unread = LogCheckpoint.of(null, new FileId(3, 4), 0);
    LogCheckpoint byTime =
        LogCheckpoint.since(Instant.parse("2026-11-01T10:00:00.5Z"), new FileId(3, 4), 9);
    checkpoints.save("c1", SAVED);
    checkpoints.save("c2", unread);
    checkpoints.save("c4", byTime);
    assertThat(checkpoints.load("c1")).contains(SAVED);
    assertThat(checkpoints.load("c2")).contains(unread);
    assertThat(checkpoints.load("c3")).isEmpty();
    assertThat(checkpoints.load("c4")).contains(byTime);
    checkpoints.delete("c1");
    checkpoints.delete("c1");
    assertThat(checkpoints.load("c1")).isEmpty();
  }

  @Test
  void aCorruptOneIsSetAside() throws Exception {
    checkpoints.save("c1", SAVED);
    String text = Files.readString(file());
    for (String corrupt : new String[] {
      text.replace("77", "78"), "", "\0\0\0", text.substring(0, 20), "\u00e9 not utf-8"
    }) {
      Files.write(file(), corrupt.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
      assertThat(checkpoints.load("c1")).as(corrupt).isEmpty();
      assertThat(file()).doesNotExist();
      assertThat(dir.resolve("made/c1.log-checkpoint.corrupt")).exists();
    }
  }

  @Test
  void anIdThatIsAPathIsRefused() {
    assertThatThrownBy(() -> checkpoints.load("../x")).isInstanceOf(IllegalArgumentException.class);
  }
}
