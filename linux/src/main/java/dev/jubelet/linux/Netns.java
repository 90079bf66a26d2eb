package dev.jubelet.linux;

import static dev.jubelet.linux.Libc.INT;
import static dev.jubelet.linux.Libc.LONG;
import static dev.jubelet.linux.Libc.POINTER;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.LoggerFactory;

/// Sockets in a pod's network namespace (design decision 8). A socket belongs to the namespace that
/// it was made in and works anywhere afterwards, so a thread enters only for the moment that makes
/// it, and does nothing else there.
public final class Netns {
  private static final int CLONE_NEWNET = 0x40000000;
  private static final long DEADLINE_SECONDS = 10;
  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | Fd.O_CLOEXEC;
  private static final int SIOCGIFFLAGS = 0x8913;
  private static final int SIOCSIFFLAGS = 0x8914;
  private static final long IFREQ_BYTES = 40;
  private static final long IFREQ_FLAGS = 16;
  private static final int IFF_UP = 1;

  private static final Libc SETNS = Libc.ofInt("setns", INT, INT);
  private static final Libc SOCKET = Libc.ofInt("socket", INT, INT, INT);
  private static final Libc IOCTL = Libc.variadic("ioctl", 2, INT, LONG, POINTER);

  private Netns() {}

  /// Makes what belongs to the namespace; must not wait, log, lock or wake anybody.
  private interface Maker<T> {
    T make() throws IOException;
  }

  /// Opens an unconnected TCP socket in the network namespace of process `pid`; connect it
  /// anywhere.
  public static SocketChannel openSocket(long pid, ProtocolFamily family) throws IOException {
    return openSocket(ofProcess(pid), family);
  }

  /// As [#openSocket(long, ProtocolFamily)], for a namespace file (`/var/run/netns/…`,
  /// `/proc/<pid>/ns/net`).
  public static SocketChannel openSocket(Path netns, ProtocolFamily family) throws IOException {
    Warm.up();
    return inside(netns, () -> SocketChannel.open(family));
  }

  /// Switches `lo` on in the network namespace of process `pid`.
  public static void loopbackUp(long pid) throws IOException {
    loopbackUp(ofProcess(pid));
  }

  /// As [#loopbackUp(long)], for a namespace file.
  public static void loopbackUp(Path netns) throws IOException {
    Maker<Fd> maker = () -> new Fd(SOCKET.call("in " + netns, AF_INET, SOCK_DGRAM_CLOEXEC, 0));
    try (Fd socket = inside(netns, maker);
        Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(IFREQ_BYTES, 8);
      MemorySegment.copy(
          "lo".getBytes(StandardCharsets.US_ASCII), 0, request, ValueLayout.JAVA_BYTE, 0, 2);
      IOCTL.call("lo in " + netns, socket.number(), (long) SIOCGIFFLAGS, request);
      short flags = request.get(ValueLayout.JAVA_SHORT, IFREQ_FLAGS);
      request.set(ValueLayout.JAVA_SHORT, IFREQ_FLAGS, (short) (flags | IFF_UP));
      IOCTL.call("lo in " + netns, socket.number(), (long) SIOCSIFFLAGS, request);
    }
  }

  private static Path ofProcess(long pid) {
    return Path.of("/proc/" + pid + "/ns/net");
  }

  private static <T> T inside(Path netns, Maker<T> maker) throws IOException {
    CompletableFuture<T> answer = new CompletableFuture<>();
    try (Fd there = Fd.open(netns, Fd.O_RDONLY);
        Fd here = Fd.open(Path.of("/proc/self/ns/net"), Fd.O_RDONLY)) {
      // A fresh thread that dies afterwards: one that cannot come back is never used again.
      Thread.ofPlatform()
          .daemon()
          .name("netns")
          .start(() -> visit(netns, there, here, maker, answer));
      return await(netns, answer);
    }
  }

  private static <T> void visit(
      Path netns, Fd there, Fd here, Maker<T> maker, CompletableFuture<T> answer) {
    T made = null;
    IOException failure = null;
    try {
      SETNS.call(netns.toString(), there.number(), CLONE_NEWNET);
    } catch (KernelException e) {
      answer.completeExceptionally(e);
      return;
    }
    try {
      made = maker.make();
    } catch (IOException e) {
      failure = e;
    }
    try {
      SETNS.call("back to the host", here.number(), CLONE_NEWNET);
    } catch (KernelException e) {
      return; // waking the caller from here could start threads in the pod's namespace
    }
    if (made != null) {
      answer.complete(made);
    } else if (failure != null) {
      answer.completeExceptionally(failure);
    }
  }

  private static <T> T await(Path netns, CompletableFuture<T> answer) throws IOException {
    try {
      return answer.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new KernelTimeoutException(netns + ": no way into the namespace and back");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while entering " + netns);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(netns.toString(), e);
    }
  }

  /// Initialises NIO's socket classes and its check for IPv6 in the host's namespace, once.
  private static final class Warm {
    static {
      try {
        SocketChannel.open(StandardProtocolFamily.INET).close();
        SocketChannel.open(StandardProtocolFamily.INET6).close();
      } catch (IOException | UnsupportedOperationException e) {
        LoggerFactory.getLogger(Netns.class).debug("No IPv6 sockets on this host", e);
      }
    }

    static void up() {}
  }
}
