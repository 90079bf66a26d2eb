package dev.jubelet.kubelet.server;

import java.io.IOException;

/// Another process listens where a server of ours should; the message names it.
public final class PortTakenException extends IOException {
  private static final long serialVersionUID = 1L;

  PortTakenException(String message, Throwable cause) {
    super(message, cause);
  }
}
