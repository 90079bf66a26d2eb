package dev.jubelet.linux;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Runs what may hang in the kernel on a platform thread with a deadline (design decision 7). A
/// thread that hangs longer is left behind; until it comes back, another call of the same name is
/// refused at once, so that retries do not pile up threads.
public final class KernelCalls {
  private static final ThreadFactory THREADS =
      Thread.ofPlatform().daemon().name("kernel-", 1).factory();
  private static final ExecutorService POOL = Executors.newCachedThreadPool(THREADS);
  private static final Map<String, Future<?>> LEFT_BEHIND = new ConcurrentHashMap<>();

  private KernelCalls() {}

  /// Runs `call` and returns its result.
  ///
  /// @param what names the call and its subject (`unmount /var/lib/…`), for errors and for
  /// knowing the same call again
  /// @throws KernelTimeoutException when it is not done within `deadline`
  /// @throws IOException what the call throws; [InterruptedIOException] (with the thread's
  /// interrupt flag set again) when the wait was interrupted
  public static <T extends @Nullable Object> T call(
      String what, Duration deadline, KernelCall<T> call) throws IOException {
    Future<?> earlier = LEFT_BEHIND.get(what);
    if (earlier != null) {
      if (!earlier.isDone()) {
        throw new KernelTimeoutException(what + ": an earlier try still hangs in the kernel");
      }
      LEFT_BEHIND.remove(what, earlier);
    }
    Future<T> running = POOL.submit(call::run);
    try {
      return running.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      LEFT_BEHIND.put(what, running);
      throw new KernelTimeoutException(
          what + ": no answer from the kernel within " + deadline.toMillis() + " ms");
    } catch (InterruptedException e) {
      LEFT_BEHIND.put(what, running);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(what + ": interrupted");
    } catch (ExecutionException e) {
      throw rethrow(what, e);
    }
  }

  /// How many calls hang beyond their deadline.
  public static long hanging() {
    LEFT_BEHIND.values().removeIf(Future::isDone);
    return LEFT_BEHIND.size();
  }

  /// Guards an entry that may hang.
  static void refuseVirtualThread(String what) {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          what + " may hang in the kernel and hold a carrier: call it through KernelCalls");
    }
  }

  private static IOException rethrow(String what, ExecutionException e) {
    return switch (e.getCause()) {
      case IOException io -> io;
      case RuntimeException bug -> throw bug;
      case Error bug -> throw bug;
      case null, default -> new IOException(what + ": " + e.getMessage(), e);
    };
  }
}
