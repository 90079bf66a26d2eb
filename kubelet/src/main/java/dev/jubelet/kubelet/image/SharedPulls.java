package dev.jubelet.kubelet.image;

import dev.jubelet.cri.v1.Image;
import dev.jubelet.trace.Traces;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;

/// At most one pull of an image at a time: who comes first pulls on its own thread, the others
/// wait for its result. When the first is interrupted, one of those who wait pulls instead.
final class SharedPulls {

  /// @param took the pull alone
  /// @param tookWaiting with the wait for a free place
  record Pulled(Image image, Duration took, Duration tookWaiting) {}

  @FunctionalInterface
  interface Pull {
    Image run() throws IOException, InterruptedException;
  }

  private final Map<String, CompletableFuture<Pulled>> running = new ConcurrentHashMap<>();
  private final Semaphore places;
  private final Traces traces;
  private final Clock clock;

  /// @param limit of pulls at a time
  SharedPulls(int limit, Traces traces, Clock clock) {
    this.places = new Semaphore(limit, true);
    this.traces = traces;
    this.clock = clock;
  }

  /// @throws IOException what the pull throws, for all who wait for it
  Pulled pull(String image, Pull pull) throws IOException, InterruptedException {
    while (true) {
      CompletableFuture<Pulled> mine = new CompletableFuture<>();
      CompletableFuture<Pulled> first = running.putIfAbsent(image, mine);
      try {
        return first == null ? lead(image, mine, pull) : follow(image, first);
      } catch (CancellationException e) {
        if (first == null) {
          throw e;
        }
        // the one who pulled was interrupted: try to be the next
      }
    }
  }

  private Pulled lead(String image, CompletableFuture<Pulled> mine, Pull pull)
      throws IOException, InterruptedException {
    try {
      Pulled pulled = inAPlace(pull);
      mine.complete(pulled);
      return pulled;
    } catch (IOException | RuntimeException e) {
      if (Thread.currentThread().isInterrupted()) {
        mine.cancel(false);
      } else {
        mine.completeExceptionally(e);
      }
      throw e;
    } finally {
      running.remove(image, mine);
      mine.cancel(false); // no effect once completed
    }
  }

  private Pulled inAPlace(Pull pull) throws IOException, InterruptedException {
    Instant asked = clock.instant();
    if (!places.tryAcquire()) {
      traces.<InterruptedException>run("wait", "pull queue", places::acquire);
    }
    try {
      Instant begun = clock.instant();
      Image image = pull.run();
      Instant end = clock.instant();
      return new Pulled(image, Duration.between(begun, end), Duration.between(asked, end));
    } finally {
      places.release();
    }
  }

  private Pulled follow(String image, CompletableFuture<Pulled> first)
      throws IOException, InterruptedException {
    try {
      return traces.in("wait", "another pod's pull of " + image, first::get);
    } catch (ExecutionException e) {
      throw new IOException(
          e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException | CancellationException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
