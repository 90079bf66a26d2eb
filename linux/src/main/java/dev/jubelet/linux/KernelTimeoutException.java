package dev.jubelet.linux;

import java.io.IOException;

/// A call that still hangs in the kernel after its deadline (a dead NFS server, a broken disk).
public final class KernelTimeoutException extends IOException {
  KernelTimeoutException(String message) {
    super(message);
  }
}
