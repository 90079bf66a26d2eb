package dev.jubelet.linux;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Work that may hang in the kernel; see [KernelCalls].
@FunctionalInterface
public interface KernelCall<T extends @Nullable Object> {
  T run() throws IOException;
}
