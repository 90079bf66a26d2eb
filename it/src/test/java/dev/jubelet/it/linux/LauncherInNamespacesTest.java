package dev.jubelet.it.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.linux.Launcher;
import dev.jubelet.linux.Launcher.Command;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What a program of ours gets to hold: as root, with sockets, files and other children open.
class LauncherInNamespacesTest {
  @Test
  void aChildHoldsNothingButItsThreePipes() throws Exception {
    Process neighbour = new ProcessBuilder("sleep", "100").start();
    try (ServerSocket socket = new ServerSocket(0);
        FileChannel file = FileChannel.open(Path.of("/etc/shadow"), StandardOpenOption.READ)) {
      assertThat(socket.isBound() && file.isOpen()).isTrue();
      for (int i = 0; i < 20; i++) {
        assertThat(filesOfAChild()).containsExactly("0", "1", "2", "3"); // 3: the listing itself
      }
    } finally {
      neighbour.destroyForcibly().waitFor();
    }
  }

  private static List<String> filesOfAChild() throws IOException, InterruptedException {
    Command command = new Command(
        List.of("/bin/ls", "/proc/self/fd"), Map.of(), new byte[0], Duration.ofSeconds(20), 10_000);
    return new String(Launcher.run(command).stdout(), StandardCharsets.US_ASCII)
        .lines()
        .toList();
  }
}
