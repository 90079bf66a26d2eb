package dev.jubelet.cli.wiring;

import dev.jubelet.linux.KernelException;
import dev.jubelet.linux.NativeHeap;
import dev.jubelet.trace.SpanStore;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives back the memory that the start and a burst of work took: the serial collector lets the
/// heap grow to its limit before it collects all of it, and the C heap keeps what was freed. So
/// once the work is over the C heap is trimmed, and the heap is collected when it became a good
/// deal larger. Sleeps while nothing happens.
final class HeapReturn implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HeapReturn.class);

  /// The Java machine keeps its compilers' memory for five seconds before it frees it.
  private static final Duration QUIET = Duration.ofSeconds(6);

  /// Where something always happens.
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private static final long WORTH_BYTES = 2 << 20;

  private final LongSupplier heapBytes;
  private final Runnable collection;
  private final Runnable trim;
  private final Duration quiet;
  private final Thread thread;
  private volatile long workedAt = System.nanoTime();
  private volatile boolean worked = true;
  private volatile boolean closed;

  /// @param work whose changes say that there is work
  HeapReturn(SpanStore work) {
    this(work, Runtime.getRuntime()::totalMemory, System::gc, HeapReturn::trimNative, QUIET);
  }

  HeapReturn(
      SpanStore work, LongSupplier heapBytes, Runnable collection, Runnable trim, Duration quiet) {
    this.heapBytes = heapBytes;
    this.collection = collection;
    this.trim = trim;
    this.quiet = quiet;
    long begin = heapBytes.getAsLong();
    thread = Thread.ofVirtual().name("heap-return").start(() -> run(begin));
    work.onChange(this::worked);
  }

  private static void trimNative() {
    try {
      NativeHeap.trim();
    } catch (KernelException e) {
      LOG.debug("the C heap stays as it is", e);
    }
  }

  private void worked() {
    workedAt = System.nanoTime();
    if (!worked) {
      worked = true;
      LockSupport.unpark(thread);
    }
  }

  private void run(long begin) {
    long kept = begin;
    try {
      while (!closed) {
        while (!worked && !closed) {
          LockSupport.park(this);
        }
        awaitQuiet();
        worked = false;
        if (heapBytes.getAsLong() > kept + WORTH_BYTES) {
          collection.run();
          kept = heapBytes.getAsLong();
        }
        trim.run();
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private void awaitQuiet() throws InterruptedException {
    long end = System.nanoTime() + LONGEST.toNanos();
    long left = quiet.toNanos();
    while (left > 0 && System.nanoTime() < end) {
      TimeUnit.NANOSECONDS.sleep(left);
      left = quiet.toNanos() - (System.nanoTime() - workedAt);
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
