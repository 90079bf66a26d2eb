package dev.jubelet.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Peer credentials, systemd's notification, sizes of file systems.
class SocketsTest {
  @TempDir
  Path dir;

  @Test
  void knowsTheServerOfASocket() throws Exception {
    Path path = dir.resolve("s");
    assertThat(PeerCredentials.ofServer(path)).isEmpty();
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      assertThat(PeerCredentials.ofServer(path))
          .contains(ProcessHandle.current().pid());
    }
    assertThat(Files.exists(path)).as("a stale socket").isTrue();
    assertThat(PeerCredentials.ofServer(path)).isEmpty();
  }

  @Test
  void aServerThatAcceptsNothingDoesNotHoldUsUp() throws Exception {
    Path path = dir.resolve("s");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path), 1);
      List<Integer> answers = new java.util.ArrayList<>();
      for (int i = 0; i < 5; i++) {
        try {
          answers.add(PeerCredentials.ofServer(path).isPresent() ? 1 : 0);
        } catch (KernelException e) {
          assertThat(e).hasMessageContaining("EAGAIN");
        }
      }
      assertThat(answers).isNotEmpty().containsOnly(1);
    }
  }

  @Test
  void aSocketPathThatIsTooLongIsNamed() {
    assertThatThrownBy(() -> PeerCredentials.ofServer(dir.resolve("x".repeat(200))))
        .hasMessageContaining("longer than 107 bytes");
  }

  @Test
  void notifiesSystemd() throws Exception {
    Path path = dir.resolve("notify");
    Libc bind = Libc.ofInt("bind", Libc.INT, Libc.POINTER, Libc.INT);
    int datagram = 2;
    try (Arena arena = Arena.ofConfined();
        Fd receiver = new Fd(socket().call("receiver", UnixAddress.AF_UNIX, datagram, 0))) {
      UnixAddress address = UnixAddress.of(arena, path.toString());
      bind.call("receiver", receiver.number(), address.bytes(), address.length());
      SdNotify.send(path.toString(), "READY=1");
      MemorySegment message = arena.allocate(100);
      int length = receiver.read(message);
      assertThat(message.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE))
          .asString(StandardCharsets.US_ASCII)
          .isEqualTo("READY=1");
    }
  }

  private static Libc socket() {
    return Libc.ofInt("socket", Libc.INT, Libc.INT, Libc.INT);
  }

  @Test
  void nobodyThereToNotifyIsAnErrorOfSendOnly() {
    assertThatThrownBy(() -> SdNotify.send(dir.resolve("none").toString(), "READY=1"))
        .hasMessageContaining("ENOENT");
    SdNotify.ready();
  }

  @Test
  void sizesAreThoseOfDf() throws Exception {
    StatVfs proc = StatVfs.of(Path.of("/proc"));
    assertThat(proc.fsType()).isEqualTo("proc");
    StatVfs stat = StatVfs.of(dir);
    var store = Files.getFileStore(dir);
    assertThat(stat.totalBytes()).isEqualTo(store.getTotalSpace());
    assertThat(stat.availableBytes())
        .isCloseTo(store.getUsableSpace(), org.assertj.core.data.Offset.offset(1L << 30));
    assertThat(stat.totalInodes()).isGreaterThanOrEqualTo(stat.freeInodes());
    assertThatThrownBy(() -> StatVfs.of(dir.resolve("none"))).hasMessageContaining("ENOENT");
  }

  @Test
  void aNamespaceThatIsNotThereIsNamed() {
    assertThatThrownBy(
            () -> Netns.openSocket(Path.of("/proc/4194304/ns/net"), StandardProtocolFamily.INET))
        .hasMessageContaining("/proc/4194304/ns/net");
  }
}
