package dev.jubelet.cli.bench;

import dev.jubelet.linux.Launcher;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Another Java machine, asked as `jcmd` does it (HotSpot's attach protocol): a private runtime
/// image has no `jcmd`.
final class JavaMachine {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Path TMP = Path.of("/tmp");

  private final long pid;

  JavaMachine(long pid) {
    this.pid = pid;
  }

  /// What lives after a full collection.
  HeapHistogram histogram() throws IOException, InterruptedException {
    return HeapHistogram.parse(ask("GC.class_histogram"));
  }

  /// @param command of `jcmd`
  private String ask(String command) throws IOException, InterruptedException {
    Path socket = TMP.resolve(".java_pid" + pid);
    if (!Files.exists(socket)) {
      makeListen(socket);
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      String request = "1\0jcmd\0" + command + "\0\0\0";
      ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      byte[] answer = Channels.newInputStream(channel).readAllBytes();
      String text = new String(answer, StandardCharsets.UTF_8);
      if (!text.startsWith("0\n")) {
        throw new IOException("the Java machine " + pid + " refused " + command + ": " + text);
      }
      return text.substring(2);
    }
  }

  /// It looks for this file when it gets SIGQUIT, and then opens its socket.
  private void makeListen(Path socket) throws IOException, InterruptedException {
    Path sign = Files.createFile(TMP.resolve(".attach_pid" + pid));
    try {
      Launcher.run(new Launcher.Command(
          List.of("/bin/sh", "-c", "kill -QUIT " + pid), Map.of(), new byte[0], PATIENCE, 1 << 10));
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (!Files.exists(socket)) {
        if (System.nanoTime() > end) {
          throw new IOException("the Java machine " + pid + " opened no socket to attach to within "
              + PATIENCE.toSeconds() + " s: is it started with -XX:+DisableAttachMechanism?");
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    } finally {
      Files.deleteIfExists(sign);
    }
  }
}
