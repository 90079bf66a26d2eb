package dev.jubelet.it.volume;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// Swaps two paths in one step, again and again, as an attacker inside a volume would.
final class Exchange implements AutoCloseable {
  private static final int AT_FDCWD = -100;
  private static final int RENAME_EXCHANGE = 2;
  private static final MethodHandle RENAMEAT2 = Linker.nativeLinker()
      .downcallHandle(
          Linker.nativeLinker().defaultLookup().findOrThrow("renameat2"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT));

  private final Thread thread;
  private volatile boolean stopped;
  private volatile long count;

  Exchange(Path first, Path second) {
    thread = Thread.ofPlatform().daemon().start(() -> run(first, second));
  }

  /// Swaps done.
  long count() {
    return count;
  }

  private void run(Path first, Path second) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocateFrom(first.toString());
      MemorySegment b = arena.allocateFrom(second.toString());
      long done = 0;
      while (!stopped) {
        if ((int) RENAMEAT2.invokeExact(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) == 0) {
          count = ++done;
        }
      }
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
