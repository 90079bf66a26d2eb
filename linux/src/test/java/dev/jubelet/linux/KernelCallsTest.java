package dev.jubelet.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class KernelCallsTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @Test
  void runsOnAPlatformThread() throws Exception {
    boolean virtual =
        KernelCalls.call("look", LONG, () -> Thread.currentThread().isVirtual());
    assertThat(virtual).isFalse();
  }

  @Test
  void passesOnWhatTheCallThrows() {
    assertThatThrownBy(() -> KernelCalls.call("fail", LONG, KernelCallsTest::fail))
        .isInstanceOf(IOException.class)
        .hasMessage("disk on fire");
  }

  private static String fail() throws IOException {
    throw new IOException("disk on fire");
  }

  @Test
  void leavesAHangingThreadBehindAndRefusesTheSameCallUntilItIsBack() throws Exception {
    CountDownLatch server = new CountDownLatch(1);
    KernelCall<String> hang = () -> waitFor(server);
    assertThatThrownBy(() -> KernelCalls.call("statfs /dead", Duration.ofMillis(20), hang))
        .isInstanceOf(KernelTimeoutException.class)
        .hasMessage("statfs /dead: no answer from the kernel within 20 ms");
    assertThatThrownBy(() -> KernelCalls.call("statfs /dead", LONG, () -> "again"))
        .isInstanceOf(KernelTimeoutException.class)
        .hasMessageContaining("an earlier try still hangs");
    assertThat(KernelCalls.call("statfs /alive", LONG, () -> "fine")).isEqualTo("fine");
    server.countDown();
    Awaitility.await().until(() -> KernelCalls.hanging() == 0);
    assertThat(KernelCalls.call("statfs /dead", LONG, () -> "again")).isEqualTo("again");
  }

  @Test
  void anInterruptEndsTheWait() throws Exception {
    CountDownLatch server = new CountDownLatch(1);
    CompletableFuture<Throwable> seen = new CompletableFuture<>();
    Thread waiter = Thread.ofVirtual().start(() -> {
      try {
        KernelCalls.call("hang", LONG, () -> waitFor(server));
      } catch (IOException e) {
        seen.complete(Thread.currentThread().isInterrupted() ? e : null);
      }
    });
    waiter.interrupt();
    assertThat(seen.get()).isInstanceOf(InterruptedIOException.class);
    server.countDown();
  }

  @Test
  void whatMayHangRefusesVirtualThreads() throws Exception {
    CompletableFuture<Throwable> seen = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> {
      try {
        Mounts.bind(Path.of("/a"), Path.of("/b"), Set.of());
      } catch (Throwable e) {
        seen.complete(e);
      }
    });
    assertThat(seen.get())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("call it through KernelCalls");
  }

  private static String waitFor(CountDownLatch latch) throws IOException {
    try {
      latch.await();
      return "back";
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
