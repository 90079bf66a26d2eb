package dev.jubelet.it.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.linux.Netns;
import dev.jubelet.linux.ProcFs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Design decision 8: a socket of a pod's network namespace, made by a thread that is inside for a
/// moment only.
class NetnsTest {
  private static final int PORT = 18080;

  @TempDir
  Path web;

  private Process pod;

  @BeforeEach
  void start() throws Exception {
    pod = new ProcessBuilder("unshare", "--net", "sleep", "1000").start();
    String ours = namespace(ProcessHandle.current().pid());
    Awaitility.await().until(() -> !namespace(pod.pid()).equals(ours));
  }

  @AfterEach
  void end() throws Exception {
    pod.destroyForcibly().waitFor();
  }

  private static String namespace(long pid) {
    return ProcFs.namespace(pid, "net").orElse("");
  }

  private Process serve() throws IOException {
    Files.writeString(web.resolve("hello"), "hello from the pod");
    return new ProcessBuilder(
            "nsenter",
            "--net=/proc/" + pod.pid() + "/ns/net",
            "busybox",
            "httpd",
            "-f",
            "-p",
            "127.0.0.1:" + PORT,
            "-h",
            web.toString())
        .start();
  }

  @Test
  void reachesAServerOnThePodsLoopback() throws Exception {
    Netns.loopbackUp(pod.pid());
    Process server = serve();
    try {
      Awaitility.await()
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(fetch()).endsWith("hello from the pod"));
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  private String fetch() throws IOException {
    try (SocketChannel socket = Netns.openSocket(pod.pid(), StandardProtocolFamily.INET)) {
      socket.connect(
          new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), PORT));
      socket.write(StandardCharsets.US_ASCII.encode("GET /hello HTTP/1.0\r\n\r\n"));
      ByteBuffer answer = ByteBuffer.allocate(1000);
      while (socket.read(answer) > 0) {}
      return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void loopbackIsDownUntilItIsSwitchedOn() throws Exception {
    assertThatThrownBy(this::fetch).hasMessageContaining("unreachable");
    Netns.loopbackUp(Path.of("/proc/" + pod.pid() + "/ns/net"));
    Netns.loopbackUp(pod.pid());
    assertThatThrownBy(this::fetch).hasMessageContaining("refused");
  }

  @Test
  void aThousandVisitsLeaveNoThreadInsideAndNoFileOpen() throws Exception {
    Netns.openSocket(pod.pid(), StandardProtocolFamily.INET).close();
    long files = openFiles();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 1000; i++) {
        StandardProtocolFamily family =
            i % 2 == 0 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        var _ = pool.submit(() -> {
          Netns.openSocket(pod.pid(), family).close();
          return true;
        });
      }
    }
    Awaitility.await().untilAsserted(() -> assertThat(openFiles()).isLessThanOrEqualTo(files));
    assertThat(namespacesOfOurThreads())
        .containsExactly(namespace(ProcessHandle.current().pid()));
  }

  private static Set<String> namespacesOfOurThreads() throws IOException {
    Set<String> all = new TreeSet<>();
    try (var tasks = Files.list(Path.of("/proc/self/task"))) {
      for (Path task : tasks.toList()) {
        try {
          all.add(Files.readSymbolicLink(task.resolve("ns/net")).toString());
        } catch (IOException e) {
          assertThat(task).doesNotExist(); // it ended meanwhile
        }
      }
    }
    return all;
  }

  private static long openFiles() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }
}
