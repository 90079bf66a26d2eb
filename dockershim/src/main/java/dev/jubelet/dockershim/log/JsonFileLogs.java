package dev.jubelet.dockershim.log;

import dev.jubelet.dockershim.log.FollowedLog.Outcome;
import dev.jubelet.linux.Inotify;
import dev.jubelet.linux.Inotify.Event;
import dev.jubelet.linux.Inotify.Kind;
import dev.jubelet.linux.KernelCall;
import dev.jubelet.linux.KernelCalls;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows Docker's own json-files: one thread learns from inotify whose file grew, two move the
/// bytes ([FollowedLog]). Idle containers cost nothing; those that cannot be watched, or whose log
/// file cannot be written, are looked at once a second.
public final class JsonFileLogs implements ContainerLogs {
  private static final Logger log = LoggerFactory.getLogger(JsonFileLogs.class);
  private static final Set<Kind> GROWTH = Set.of(Kind.MODIFIED, Kind.CREATED, Kind.MOVED_TO);
  private static final Duration OPEN_DEADLINE = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration NO_POLL = Duration.ofHours(1);
  private static final long COALESCE_MILLIS = 20; // a chatty container wakes us 50 times a second
  private static final long CLOSE_MILLIS = 2000;

  private final LogCheckpoints checkpoints;
  private final LogMetrics metrics;
  private final Inotify inotify;
  private final LogWorkers workers = new LogWorkers();
  private final Map<String, FollowedLog> logs = new ConcurrentHashMap<>();
  private final Map<Path, FollowedLog> bySource = new ConcurrentHashMap<>();
  private final Set<FollowedLog> polled = ConcurrentHashMap.newKeySet();
  private final Thread dispatcher;
  private volatile boolean closed;

  /// @param checkpointDir below the shim's root directory; made when it lacks
  public JsonFileLogs(Path checkpointDir, PrometheusRegistry registry) throws IOException {
    this.checkpoints = new LogCheckpoints(checkpointDir);
    this.metrics = new LogMetrics(registry);
    this.inotify = new Inotify();
    this.dispatcher = Thread.ofPlatform().daemon().name("log-events").start(this::dispatch);
  }

  @Override
  public void follow(String containerId, Path source, Path destination) throws IOException {
    open(
        containerId,
        source,
        destination,
        () -> FollowedLog.open(containerId, source, destination, checkpoints, metrics));
  }

  @Override
  public void adopt(String containerId, Path source, Path destination) throws IOException {
    open(
        containerId,
        source,
        destination,
        () -> FollowedLog.linked(containerId, source, destination, checkpoints, metrics));
  }

  private void open(
      String containerId, Path source, Path destination, KernelCall<FollowedLog> opening)
      throws IOException {
    if (logs.containsKey(containerId)) {
      return;
    }
    FollowedLog opened =
        KernelCalls.call("opening log file " + destination, OPEN_DEADLINE, opening);
    if (logs.putIfAbsent(containerId, opened) != null) {
      opened.release();
      wake(opened);
      return;
    }
    bySource.put(source, opened);
    try {
      inotify.watch(directory(opened), GROWTH);
    } catch (IOException e) {
      log.warn("log of container {} is polled instead of watched: {}", containerId, e.toString());
      poll(opened);
    }
    wake(opened);
  }

  @Override
  public boolean drain(String containerId, Duration atMost) throws InterruptedException {
    FollowedLog followed = logs.get(containerId);
    if (followed == null) {
      return true;
    }
    CompletableFuture<Boolean> done = followed.drain();
    wake(followed);
    try {
      return done.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      metrics.late();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // drains are never failed
    }
  }

  @Override
  public void reopen(String containerId, Duration deadline)
      throws IOException, InterruptedException {
    FollowedLog followed = logs.get(containerId);
    if (followed == null) {
      throw new IOException("the log of container " + containerId + " is not followed");
    }
    CompletableFuture<Boolean> done = followed.reopen();
    wake(followed);
    try {
      if (!done.get(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("the log of container " + containerId + " is no longer followed");
      }
    } catch (TimeoutException e) {
      throw new IOException(
          "the log of container %s was not reopened within %d ms: its disk does not answer"
              .formatted(containerId, deadline.toMillis()));
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e);
    }
  }

  @Override
  public void forget(String containerId) {
    FollowedLog followed = logs.remove(containerId);
    if (followed != null) {
      bySource.remove(followed.source(), followed);
      polled.remove(followed);
      inotify.unwatch(directory(followed));
      followed.forget();
      wake(followed);
    }
    try {
      checkpoints.delete(containerId);
    } catch (IOException e) {
      log.warn("cannot delete the log checkpoint of {}: {}", containerId, e.toString());
    }
  }

  @Override
  public boolean follows(String containerId) {
    return logs.containsKey(containerId) || checkpoints.has(containerId);
  }

  @Override
  public void retain(Set<String> containerIds) throws IOException {
    checkpoints.retain(id -> containerIds.contains(id) || logs.containsKey(id));
  }

  private static Path directory(FollowedLog followed) {
    return Objects.requireNonNull(followed.source().getParent(), "Docker's log has a directory");
  }

  private void poll(FollowedLog followed) {
    if (polled.add(followed)) {
      inotify.wake();
    }
  }

  private void wake(FollowedLog followed) {
    if (followed.queue()) {
      submit(followed);
    }
  }

  // False when we are closing.
  private boolean submit(FollowedLog followed) {
    try {
      workers.submit(() -> turns(followed));
    } catch (RejectedExecutionException e) {
      return false;
    }
    if (workers.waiting()) {
      inotify.wake(); // somebody must see when all workers hang
    }
    return true;
  }

  private void turns(FollowedLog followed) {
    while (true) {
      Outcome outcome = followed.turn();
      if (outcome == Outcome.FAILED) {
        poll(followed);
      }
      boolean rests = outcome != Outcome.MORE && followed.rest();
      if (rests || submit(followed)) {
        return;
      }
    }
  }

  private void dispatch() {
    long lastPoll = System.nanoTime();
    while (!closed) {
      try {
        boolean ticking = !polled.isEmpty() || workers.waiting();
        List<Event> events = inotify.take(ticking ? POLL : NO_POLL);
        events.forEach(this::grew);
        if (System.nanoTime() - lastPoll >= POLL.toNanos()) {
          lastPoll = System.nanoTime();
          pollAll();
          workers.relieve();
        }
        if (!events.isEmpty()) {
          Thread.sleep(COALESCE_MILLIS);
        }
      } catch (IOException | RuntimeException e) {
        log.error("following container logs failed, trying again", e);
        pauseAfterFailure();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void pollAll() {
    for (FollowedLog followed : List.copyOf(polled)) {
      try {
        inotify.watch(directory(followed), GROWTH);
        polled.remove(followed);
      } catch (IOException e) {
        log.debug("still polling the log of {}", followed.containerId(), e);
      }
      wake(followed);
    }
  }

  private static void pauseAfterFailure() {
    try {
      Thread.sleep(POLL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void grew(Event event) {
    if (event.kinds().contains(Kind.OVERFLOW)) {
      logs.values().forEach(this::wake);
      return;
    }
    FollowedLog followed = bySource.get(event.watched().resolve(event.name()));
    if (followed != null) {
      wake(followed);
    }
  }

  /// Saves where each log is and ends; what hangs is left behind.
  @Override
  public void close() {
    closed = true;
    inotify.wake();
    for (FollowedLog followed : logs.values()) {
      followed.release();
      wake(followed);
    }
    workers.close(CLOSE_MILLIS);
    try {
      dispatcher.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!dispatcher.isAlive()) {
      inotify.close();
    }
  }
}
