package dev.jubelet.it.faults;

import dev.jubelet.linux.KernelCalls;
import dev.jubelet.linux.Netns;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/// A process of its own that enters the network namespace of a process a thousand times, in both
/// ways that the product has, then stays until its input ends.
final class ThousandVisits {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private ThousandVisits() {}

  public static void main(String[] args) throws Exception {
    long pid = Long.parseLong(args[0]);
    visits(pid, 20);
    System.out.println("warm");
    var _ = System.in.read();
    visits(pid, 1000);
    System.out.println("done");
    var _ = System.in.read();
  }

  private static void visits(long pid, int count) throws Exception {
    List<Future<Boolean>> all = new ArrayList<>();
    Semaphore atOnce = new Semaphore(8);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < count; i++) {
        boolean socket = i % 2 == 0;
        all.add(threads.submit(() -> {
          atOnce.acquire();
          try {
            return socket ? socket(pid) : loopback(pid);
          } finally {
            atOnce.release();
          }
        }));
      }
    }
    for (Future<Boolean> one : all) {
      var _ = one.get();
    }
  }

  private static boolean socket(long pid) throws IOException {
    Netns.openSocket(pid, StandardProtocolFamily.INET).close();
    return true;
  }

  private static boolean loopback(long pid) throws IOException {
    return KernelCalls.call("visit " + Thread.currentThread().threadId(), PATIENCE, () -> {
      Netns.loopbackUp(pid);
      return true;
    });
  }
}
