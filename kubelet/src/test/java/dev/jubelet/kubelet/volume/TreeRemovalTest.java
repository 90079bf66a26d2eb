package dev.jubelet.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeRemovalTest {
  @TempDir
  Path directory;

  @Test
  void removesAllKindsOfEntriesAndNothingTwice() throws IOException {
    Path tree = Files.createDirectories(directory.resolve("tree"));
    Files.createDirectories(tree.resolve("a/b/c"));
    Files.writeString(tree.resolve("a/b/file"), "x");
    Files.writeString(tree.resolve(" odd\nname"), "x");
    TreeRemoval.remove(tree);
    TreeRemoval.remove(tree);
    assertThat(tree).doesNotExist();
  }

  // CVE-2017-1002102
  @Test
  void linksAreRemovedNotFollowed() throws IOException {
    Path canary = Files.createDirectories(directory.resolve("canary/below"));
    Path tree = Files.createDirectories(directory.resolve("tree/x"));
    Files.createSymbolicLink(tree.resolve("out"), canary);
    Files.createSymbolicLink(tree.resolve("up"), Path.of(".."));
    Files.createSymbolicLink(tree.resolve("dangling"), Path.of("nowhere"));
    TreeRemoval.remove(directory.resolve("tree"));
    assertThat(directory.resolve("tree")).doesNotExist();
    assertThat(canary).exists();
  }

  @Test
  void linkInPlaceOfTheDirectoryIsRefused() throws IOException {
    Path canary = Files.createDirectories(directory.resolve("canary/below"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), canary.getParent());
    assertThatThrownBy(() -> TreeRemoval.remove(link)).isInstanceOf(NotDirectoryException.class);
    assertThat(canary).exists();
  }

  @Test
  void deepNestingNeedsNoStackAndFewFiles() throws IOException {
    Path deep = directory.resolve("tree");
    for (int i = 0; i < 500; i++) {
      deep = deep.resolve("d" + i % 10);
    }
    Files.createDirectories(deep);
    Files.writeString(deep.resolve("f"), "x");
    TreeRemoval.remove(directory.resolve("tree"));
    assertThat(directory.resolve("tree")).doesNotExist();
  }
}
