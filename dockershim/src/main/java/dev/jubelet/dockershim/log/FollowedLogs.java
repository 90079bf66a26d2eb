package dev.jubelet.dockershim.log;

import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.log.FollowedLog.Outcome;
import dev.jubelet.dockershim.log.FollowedLog.Route;
import dev.jubelet.linux.Inotify;
import dev.jubelet.linux.Inotify.Event;
import dev.jubelet.linux.Inotify.Kind;
import dev.jubelet.linux.KernelCall;
import dev.jubelet.linux.KernelCalls;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows the logs of all containers. Of Docker's own json-files one thread learns from
/// inotify whose file grew; for other log drivers the engine is listened to, by a virtual
/// thread each. Two threads move the bytes ([FollowedLog]). Idle containers cost nothing;
/// those that cannot be watched, or whose log file cannot be written, are looked at once a
/// second.
public final class FollowedLogs implements ContainerLogs {
  private static final Logger log = LoggerFactory.getLogger(FollowedLogs.class);
  private static final Set<Kind> GROWTH = Set.of(Kind.MODIFIED, Kind.CREATED, Kind.MOVED_TO);
  private static final Duration OPEN_DEADLINE = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration NO_POLL = Duration.ofHours(1);
  // After what one chatty container said nothing is looked at for 20 ms, after what a hundred
  // said for 220: what they say meanwhile is moved at once.
  private static final long COALESCE_MILLIS = 20;
  private static final long COALESCE_EACH_MILLIS = 2;
  private static final long COALESCE_MOST_MILLIS = 250;
  private static final long CLOSE_MILLIS = 2000;

  private final EngineOutput engine;
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
  public FollowedLogs(DockerApi docker, Path checkpointDir, PrometheusRegistry registry)
      throws IOException {
    this.engine = EngineOutput.of(docker);
    this.checkpoints = new LogCheckpoints(checkpointDir);
    this.metrics = new LogMetrics(registry);
    this.inotify = new Inotify();
    this.dispatcher = Thread.ofPlatform().daemon().name("log-events").start(this::dispatch);
  }

  @Override
  public void follow(String containerId, LogOrigin origin, Path destination) throws IOException {
    Route route = new Route(containerId, origin, sources(containerId, origin), destination);
    open(route, () -> FollowedLog.open(route, checkpoints, metrics));
  }

  @Override
  public void adopt(String containerId, LogOrigin origin, Path destination) throws IOException {
    Route route = new Route(containerId, origin, sources(containerId, origin), destination);
    open(route, () -> FollowedLog.linked(route, checkpoints, metrics));
  }

  private LogSource.Opener sources(String containerId, LogOrigin origin) {
    return switch (origin) {
      case LogOrigin.JsonFile file -> JsonFileSource.of(file.path(), metrics);
      case LogOrigin.ThroughEngine _ ->
        EngineSource.of(engine, containerId, metrics, () -> arrived(containerId));
      case LogOrigin.Nowhere nowhere -> SilentSource.of(nowhere.driver());
    };
  }

  private void arrived(String containerId) {
    FollowedLog followed = logs.get(containerId);
    if (followed != null) {
      wake(followed);
    }
  }

  private void open(Route route, KernelCall<FollowedLog> opening) throws IOException {
    String containerId = route.containerId();
    if (logs.containsKey(containerId)) {
      return;
    }
    FollowedLog opened =
        KernelCalls.call("opening log file " + route.path(), OPEN_DEADLINE, opening);
    if (logs.putIfAbsent(containerId, opened) != null) {
      opened.release();
      wake(opened);
      return;
    }
    watchedFile(opened).ifPresent(file -> {
      bySource.put(file, opened);
      try {
        inotify.watch(directory(file), GROWTH);
      } catch (IOException e) {
        log.warn("log of container {} is polled instead of watched: {}", containerId, e.toString());
        poll(opened);
      }
    });
    wake(opened);
  }

  @Override
  public void begin(String containerId) {
    FollowedLog followed = logs.get(containerId);
    if (followed != null && followed.begin()) {
      wake(followed);
    }
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
      polled.remove(followed);
      watchedFile(followed).ifPresent(file -> {
        bySource.remove(file, followed);
        inotify.unwatch(directory(file));
      });
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

  private static Optional<Path> watchedFile(FollowedLog followed) {
    return followed.origin() instanceof LogOrigin.JsonFile(Path path)
        ? Optional.of(path)
        : Optional.empty();
  }

  private static Path directory(Path file) {
    return Objects.requireNonNull(file.getParent(), "Docker's log has a directory");
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
        int grown = wakeGrown(events);
        if (System.nanoTime() - lastPoll >= POLL.toNanos()) {
          lastPoll = System.nanoTime();
          pollAll();
          workers.relieve();
        }
        if (grown > 0) {
          Thread.sleep(
              Math.min(COALESCE_MOST_MILLIS, COALESCE_MILLIS + COALESCE_EACH_MILLIS * grown));
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
        Optional<Path> file = watchedFile(followed);
        if (file.isPresent()) {
          inotify.watch(directory(file.get()), GROWTH);
        }
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

  // How many logs there is something new for.
  private int wakeGrown(List<Event> events) {
    Set<FollowedLog> grown = new HashSet<>();
    for (Event event : events) {
      if (event.kinds().contains(Kind.OVERFLOW)) {
        grown.addAll(logs.values());
      } else {
        FollowedLog followed = bySource.get(event.watched().resolve(event.name()));
        if (followed != null) {
          grown.add(followed);
        }
      }
    }
    grown.forEach(this::wake);
    return grown.size();
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
