package dev.jubelet.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateVersionTest {
  @TempDir
  Path root;

  private Path file() {
    return root.resolve("jubelet-state");
  }

  @Test
  void aDirectoryWithoutOneGetsIt() throws Exception {
    StateVersion.claim(root);
    assertThat(file()).hasContent("1");
    StateVersion.claim(root);
  }

  @Test
  void anOlderOneIsTakenUpAndRaised() throws Exception {
    StateVersion.claim(root, 1);
    StateVersion.claim(root, 2);
    assertThat(file()).hasContent("2");
  }

  @Test
  void aNewerOneIsRefusedAndLeftAsItIs() throws Exception {
    StateVersion.claim(root, 3);
    assertThatThrownBy(() -> StateVersion.claim(root, 2))
        .hasMessageContaining(root.toString())
        .hasMessageContaining("a newer Jubelet (state version 3, this one knows 2)")
        .hasMessageContaining("start the newer version again");
    assertThat(file()).hasContent("3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "one", "1 2", "99999999999999999", "1111111111111111111111111"})
  void whatIsNoNumberIsRefused(String text) throws Exception {
    Files.writeString(file(), text);
    assertThatThrownBy(() -> StateVersion.claim(root))
        .hasMessageContaining(file().toString());
    assertThat(file()).hasContent(text);
  }
}
