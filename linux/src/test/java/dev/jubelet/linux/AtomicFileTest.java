package dev.jubelet.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir
  Path dir;

  @Test
  void replacesWithTheModeAndLeavesNothingElse() throws Exception {
    Path file = dir.resolve("file");
    Files.writeString(file, "old");
    AtomicFile.write(file, "new".getBytes(UTF_8), 0640);
    assertThat(file).hasContent("new");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
    assertThat(dir)
        .isDirectoryContaining(p -> p.equals(file))
        .isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void replacesWithoutWaitingForTheDisk() throws Exception {
    Path file = dir.resolve("file");
    AtomicFile.replace(file, "old".getBytes(UTF_8), 0600);
    AtomicFile.replace(file, "new".getBytes(UTF_8), 0600);
    assertThat(file).hasContent("new");
    assertThat(dir).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void aReaderOfTheOldFileKeepsIt() throws Exception {
    Path file = dir.resolve("file");
    AtomicFile.write(file, "old".getBytes(UTF_8), 0600);
    try (var reader = Files.newInputStream(file)) {
      AtomicFile.write(file, "new".getBytes(UTF_8), 0600);
      assertThat(reader.readAllBytes()).asString(UTF_8).isEqualTo("old");
    }
  }

  @Test
  void aFailureLeavesNoTemporaryFile() throws Exception {
    Path taken = dir.resolve("taken");
    Files.createDirectories(taken.resolve("full"));
    assertThatThrownBy(() -> AtomicFile.write(taken, new byte[1], 0600))
        .isInstanceOf(IOException.class);
    assertThat(dir).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void whatADeadWriterLeftIsRemovedAndNothingElse() throws Exception {
    Files.createFile(dir.resolve(".file.4711-3.tmp"));
    Files.createFile(dir.resolve(".corrupt-file"));
    Files.createFile(dir.resolve("file.tmp"));
    AtomicFile.removeLeftOvers(dir);
    try (var files = Files.list(dir)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder(".corrupt-file", "file.tmp");
    }
  }
}
