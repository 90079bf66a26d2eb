package dev.jubelet.dockershim.container;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicLong;

/// The memory that the outputs of all commands together may take. What does not fit is read and
/// dropped, so that the command itself never blocks.
final class OutputBudget {
  private final AtomicLong left;

  OutputBudget(long bytes) {
    this.left = new AtomicLong(bytes);
  }

  long left() {
    return left.get();
  }

  /// The two streams of one command, which together stay under `bytes` (a gRPC message).
  Output open(int bytes) {
    return new Output(bytes);
  }

  private int take(int wanted) {
    long before = left.getAndUpdate(l -> l - Math.min(wanted, Math.max(0, l)));
    return (int) Math.min(wanted, Math.max(0, before));
  }

  /// Give it back with [#close()] when the answer is sent.
  final class Output implements AutoCloseable {
    private final Sink stdout = new Sink();
    private final Sink stderr = new Sink();
    private int room;
    private long taken;
    private boolean truncated;

    private Output(int bytes) {
      this.room = bytes;
    }

    OutputStream stdout() {
      return stdout;
    }

    OutputStream stderr() {
      return stderr;
    }

    synchronized byte[] stdoutBytes() {
      return stdout.kept.toByteArray();
    }

    synchronized byte[] stderrBytes() {
      return stderr.kept.toByteArray();
    }

    synchronized boolean truncated() {
      return truncated;
    }

    @Override
    public synchronized void close() {
      left.addAndGet(taken);
      taken = 0;
      room = 0;
    }

    private synchronized void keep(Sink sink, byte[] bytes, int offset, int length) {
      int fits = take(Math.min(length, room));
      room -= fits;
      taken += fits;
      truncated |= fits < length;
      sink.kept.write(bytes, offset, fits);
    }

    private final class Sink extends OutputStream {
      private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

      @Override
      public void write(int b) {
        keep(this, new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) {
        keep(this, bytes, offset, length);
      }
    }
  }
}
