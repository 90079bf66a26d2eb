package dev.jubelet.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OomScoreAdjTest {
  @TempDir
  Path dir;

  @Test
  void writesWhatIsAnother() throws Exception {
    Path file = Files.writeString(dir.resolve("adj"), "0\n");
    OomScoreAdj.set(file, -999);
    assertThat(file).hasContent("-999");
  }

  @Test
  void leavesWhatASupervisorSet() throws Exception {
    Path file = Files.writeString(dir.resolve("adj"), "-999\n");
    Files.setLastModifiedTime(file, FileTime.fromMillis(0));
    OomScoreAdj.set(file, -999);
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(FileTime.fromMillis(0));
  }

  @Test
  void whatIsNotAllowedIsNoError() {
    OomScoreAdj.set(dir.resolve("none/adj"), -999);
    assertThat(dir.resolve("none")).doesNotExist();
  }

  @Test
  void theOwnOneCanBeSetToWhatItIs() throws Exception {
    String now = Files.readString(Path.of("/proc/self/oom_score_adj")).strip();
    OomScoreAdj.set(Integer.parseInt(now));
    assertThat(Files.readString(Path.of("/proc/self/oom_score_adj")).strip()).isEqualTo(now);
  }
}
