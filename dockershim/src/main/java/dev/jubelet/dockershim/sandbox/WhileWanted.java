package dev.jubelet.dockershim.sandbox;

import io.grpc.Context;

/// Interrupts what its thread waits for when the caller of the verb goes away, until it is closed:
/// for a step that may take minutes, as a CNI plugin that hangs does.
final class WhileWanted implements AutoCloseable {
  private final Context call = Context.current();
  private final Context.CancellationListener gone = context -> interrupt();
  private final Thread waiting = Thread.currentThread();
  private boolean closed;

  WhileWanted() {
    call.addListener(gone, Runnable::run);
  }

  private synchronized void interrupt() {
    if (!closed) {
      waiting.interrupt();
    }
  }

  /// Afterwards the thread is not interrupted: it may clean up.
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    call.removeListener(gone);
    Thread.interrupted();
  }
}
