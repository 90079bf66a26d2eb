package dev.jubelet.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafePathTest {
  @TempDir
  Path dir;

  @Test
  void opensWhatIsBelow() throws Exception {
    Path root = dir.resolve("root");
    Files.createDirectories(root.resolve("a"));
    Files.writeString(root.resolve("a/file"), "text");
    try (OpenFd fd = SafePath.openBeneath(root, "a/file")) {
      assertThat(Files.readString(fd.procPath())).isEqualTo("text");
    }
    try (OpenFd fd = SafePath.openBeneath(root, "", SafePath.DIRECTORY)) {
      assertThat(fd.procPath().toRealPath()).isEqualTo(root.toRealPath());
    }
  }

  @Test
  void followsALinkOnlyWhileItStaysBelow() throws Exception {
    Path root = dir.resolve("root");
    Files.createDirectories(root.resolve("a"));
    Files.createSymbolicLink(root.resolve("inner"), Path.of("a"));
    Files.createSymbolicLink(root.resolve("outer"), Path.of("../outside"));
    Files.createSymbolicLink(root.resolve("absolute"), Path.of("/etc"));
    Files.createDirectory(dir.resolve("outside"));
    SafePath.openBeneath(root, "inner").close();
    assertRefused(root, "outer");
    assertRefused(root, "absolute/passwd");
    assertRefused(root, "../outside");
    assertThatThrownBy(() -> SafePath.openBeneath(root, "inner", SafePath.NO_SYMLINKS))
        .hasMessageContaining("ELOOP");
  }

  private static void assertRefused(Path root, String path) {
    assertThatThrownBy(() -> SafePath.openBeneath(root, path))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("leads out of its directory");
  }

  @Test
  void aMissingFileIsNotFound() {
    assertThatThrownBy(() -> SafePath.openBeneath(dir, "nothing"))
        .isInstanceOfSatisfying(
            KernelException.class, e -> assertThat(e.notFound()).isTrue());
  }

  @Test
  void makesDirectoriesWithTheModeWhateverTheUmask() throws Exception {
    try (OpenFd fd = SafePath.mkdirBeneath(dir, "x/y", 0777)) {
      assertThat(fd.procPath().toRealPath()).isEqualTo(dir.toRealPath().resolve("x/y"));
    }
    for (String made : new String[] {"x", "x/y"}) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve(made))))
          .isEqualTo("rwxrwxrwx");
    }
  }

  @Test
  void makingDirectoriesLeavesThoseThatExist() throws Exception {
    Files.createDirectory(
        dir.resolve("x"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    SafePath.mkdirBeneath(dir, "x", 0777).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("x"))))
        .isEqualTo("rwx------");
  }

  @Test
  void makingDirectoriesFollowsNoLink() throws Exception {
    Path root = Files.createDirectory(dir.resolve("root"));
    Path outside = Files.createDirectory(dir.resolve("outside"));
    Files.createSymbolicLink(root.resolve("link"), outside);
    assertThatThrownBy(() -> SafePath.mkdirBeneath(root, "link/deep", 0755))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> SafePath.mkdirBeneath(root, "../escaped", 0755))
        .hasMessageContaining("'..'");
    assertThat(outside).isEmptyDirectory();
    assertThat(dir.resolve("escaped")).doesNotExist();
  }

  @Test
  void leavesNoFileOpen() throws Exception {
    SafePath.mkdirBeneath(dir, "a", 0755).close();
    long before = open();
    for (int i = 0; i < 50; i++) {
      SafePath.mkdirBeneath(dir, "a/b/c", 0755).close();
      assertThatThrownBy(() -> SafePath.openBeneath(dir, "../x")).isNotNull();
    }
    assertThat(open()).isLessThanOrEqualTo(before + 1);
  }

  private static long open() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }
}
