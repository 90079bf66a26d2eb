package dev.jubelet.linux;

import static dev.jubelet.linux.Libc.LONG;

/// The C heap of this process: what the Java machine itself allocates (compilers, class metadata),
/// and buffers outside of the Java heap.
public final class NativeHeap {
  private static final String TRIM = "malloc_trim";
  private static final boolean TRIMS = Libc.has(TRIM);

  private NativeHeap() {}

  /// Gives back to the kernel what was freed; glibc keeps it otherwise. Nothing where libc cannot
  /// (musl). Some milliseconds.
  public static void trim() throws KernelException {
    if (TRIMS) {
      Bound.MALLOC_TRIM.call("the C heap", 0L);
    }
  }

  private static final class Bound {
    static final Libc MALLOC_TRIM = Libc.ofInt(TRIM, LONG);
  }
}
