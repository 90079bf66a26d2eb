package dev.jubelet.it.cni;

import dev.jubelet.linux.Netns;
import dev.jubelet.linux.ProcFs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/// A process in a network namespace of its own, as a sandbox's first process is.
final class Namespace implements AutoCloseable {
  private final Process process;
  private final List<Process> helpers = new ArrayList<>();

  Namespace() throws IOException {
    process = new ProcessBuilder("unshare", "--net", "sleep", "600").inheritIO().start();
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> !ProcFs.namespace(pid(), "net")
            .equals(ProcFs.namespace(ProcessHandle.current().pid(), "net")));
  }

  long pid() {
    return process.pid();
  }

  /// Serves a file tree over HTTP inside.
  void serve(int port, Path tree) throws IOException {
    helpers.add(new ProcessBuilder(
            "nsenter",
            "-t",
            String.valueOf(pid()),
            "-n",
            "busybox",
            "httpd",
            "-f",
            "-p",
            String.valueOf(port),
            "-h",
            tree.toString())
        .inheritIO()
        .start());
  }

  /// Whether a connection from inside to there comes about, asking a few times while the other end
  /// starts.
  boolean reaches(String ip, int port) throws Exception {
    return patiently(() -> connects(ip, port));
  }

  /// Whether one connection from inside comes about within a short time.
  boolean connects(String ip, int port) throws Exception {
    FutureTask<Boolean> try1 = new FutureTask<>(() -> {
      try (SocketChannel socket = Netns.openSocket(pid(), StandardProtocolFamily.INET)) {
        socket.socket().connect(new InetSocketAddress(InetAddress.ofLiteral(ip), port), 700);
        return true;
      } catch (IOException _) {
        return false;
      }
    });
    Thread.ofPlatform().daemon().start(try1);
    return try1.get();
  }

  static boolean patiently(Callable<Boolean> attempt) throws Exception {
    for (int i = 0; i < 20; i++) {
      if (attempt.call()) {
        return true;
      }
      Thread.sleep(100);
    }
    return false;
  }

  /// Runs a program inside and gives what it printed.
  String run(String... command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("nsenter", "-t", String.valueOf(pid()), "-n"));
    words.addAll(List.of(command));
    return output(words);
  }

  static String output(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return text;
  }

  @Override
  public void close() {
    helpers.forEach(Process::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException(e));
    }
  }
}
