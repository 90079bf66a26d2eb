package dev.jubelet.trace.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketFileTest {
  @TempDir
  Path directory;

  @Test
  void appearsWithItsModeAndNothingElseIsLeft() throws IOException {
    Path target = directory.resolve("sub/a.sock");
    try (ServerSocketChannel listener = unix();
        SocketFile file = SocketFile.publish(target, 0660, path -> bind(listener, path))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
          .isEqualTo("rw-rw----");
      assertThat(SocketFile.answers(file.path())).isTrue();
      assertThat(directory.resolve("sub").toFile().list()).containsExactly("a.sock");
    }
    assertThat(target).doesNotExist();
  }

  @Test
  void aDeadSocketIsReplacedAndALivingOneRefused() throws IOException {
    Path target = directory.resolve("a.sock");
    try (ServerSocketChannel dead = unix()) {
      bind(dead, target);
    }
    assertThat(target).exists();
    try (ServerSocketChannel listener = unix();
        SocketFile _ = SocketFile.publish(target, 0600, path -> bind(listener, path));
        ServerSocketChannel second = unix()) {
      assertThatThrownBy(() -> SocketFile.publish(target, 0600, path -> bind(second, path)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("served by another process");
    }
  }

  @Test
  void aFileThatIsNoSocketIsNeverReplaced() throws IOException {
    Path target = Files.writeString(directory.resolve("a.sock"), "precious");
    try (ServerSocketChannel listener = unix()) {
      assertThatThrownBy(() -> SocketFile.publish(target, 0600, path -> bind(listener, path)))
          .hasMessageContaining("is not a socket");
    }
    assertThat(target).hasContent("precious");
  }

  @Test
  void closingLeavesASuccessorsFileAlone() throws IOException {
    Path target = directory.resolve("a.sock");
    try (ServerSocketChannel first = unix();
        ServerSocketChannel successor = unix()) {
      SocketFile file = SocketFile.publish(target, 0600, path -> bind(first, path));
      Files.delete(target);
      bind(successor, target);
      file.close();
      assertThat(target).exists();
    }
  }

  @Test
  void aPathTooLongForTheKernelIsNamed() throws IOException {
    try (ServerSocketChannel listener = unix()) {
      assertThatThrownBy(() -> SocketFile.publish(
              directory.resolve("x".repeat(120)), 0600, path -> bind(listener, path)))
          .hasMessageContaining("too long for a unix socket");
    }
  }

  private static ServerSocketChannel unix() throws IOException {
    return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
  }

  private static void bind(ServerSocketChannel channel, Path path) throws IOException {
    channel.bind(UnixDomainSocketAddress.of(path));
  }
}
