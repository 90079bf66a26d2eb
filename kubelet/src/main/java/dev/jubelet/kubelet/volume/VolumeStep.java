package dev.jubelet.kubelet.volume;

import dev.jubelet.linux.KernelCalls;
import dev.jubelet.linux.KernelTimeoutException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One step that touches a file system, on a platform thread with a deadline; its failure names
/// what was done.
record VolumeStep(Duration deadline) {

  @FunctionalInterface
  interface Work {
    void run() throws IOException, VolumeException;
  }

  /// @param what names step and path
  void run(String what, Work work) throws VolumeException, InterruptedException {
    @Nullable VolumeException refused;
    try {
      refused = KernelCalls.call(what, deadline, () -> outcome(work));
    } catch (InterruptedIOException e) {
      Thread.interrupted(); // the exception says it now
      InterruptedException interrupted = new InterruptedException(e.getMessage());
      interrupted.initCause(e);
      throw interrupted;
    } catch (KernelTimeoutException e) { // names it already
      throw new VolumeException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new VolumeException(what + ": " + text(e), e);
    }
    if (refused != null) {
      throw refused;
    }
  }

  private static @Nullable VolumeException outcome(Work work) throws IOException {
    try {
      work.run();
      return null;
    } catch (VolumeException e) {
      return e;
    }
  }

  // the JDK's file exceptions say only the path
  private static String text(IOException e) {
    return e.getClass().getPackageName().equals("java.nio.file")
        ? e.getClass().getSimpleName() + " " + e.getMessage()
        : String.valueOf(e.getMessage());
  }
}
