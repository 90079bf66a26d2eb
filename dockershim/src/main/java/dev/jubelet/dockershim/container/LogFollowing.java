package dev.jubelet.dockershim.container;

import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.engine.Engine;
import dev.jubelet.dockershim.engine.LogOptions;
import dev.jubelet.dockershim.log.ContainerLogs;
import dev.jubelet.dockershim.log.LogOrigin;
import dev.jubelet.dockershim.naming.Labels;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which containers have a log to follow, and when a dead one's log is complete. Containers
/// that were adopted keep the log of those that made them (a link to Docker's own file).
public final class LogFollowing {
  private static final Logger log = LoggerFactory.getLogger(LogFollowing.class);

  /// For at most so long is the end of a container held back for the end of its log.
  private static final Duration DRAIN = Duration.ofSeconds(2);

  private static final Duration AGAIN = Duration.ofSeconds(5);
  private static final int OPENED_AT_ONCE = 32;

  private final ContainerLogs logs;
  private final Pods pods;
  private final Engine engine;
  private final Map<String, CompletableFuture<Void>> draining = new ConcurrentHashMap<>();
  private final Semaphore opening = new Semaphore(OPENED_AT_ONCE);

  public LogFollowing(ContainerLogs logs, Pods pods, Engine engine) {
    this.logs = logs;
    this.pods = pods;
    this.engine = engine;
  }

  /// Makes the log file and begins to follow.
  ///
  /// @throws IOException naming the file
  public void follow(Member container) throws IOException {
    if (isFollowed(container)) {
      logs.follow(container.id(), origin(container), destination(container));
    }
  }

  /// The container was started, by whom and when ever.
  public void began(Member container) {
    logs.begin(container.id());
  }

  /// How the container's output takes its way into its log file, for people.
  String way(Member container) {
    if (isFollowed(container)) {
      return origin(container).way();
    }
    if (!hasPath(container)) {
      return "none: no log path was given";
    }
    return "docker's own file, until the log is reopened";
  }

  private LogOrigin origin(Member container) {
    String driver = container.inspect().logDriver();
    return switch (driver) {
      case LogOptions.JSON_FILE -> new LogOrigin.JsonFile(source(container));
      case LogOptions.NONE -> new LogOrigin.Nowhere(driver);
      default -> new LogOrigin.ThroughEngine(driver);
    };
  }

  /// Docker tells the path only once the container was started.
  private Path source(Member container) {
    String told = container.inspect().logPath();
    return told.isEmpty() ? engine.lastKnown().jsonFile(container.id()) : Path.of(told);
  }

  /// Switches to what the log's path names now; an adopted container's log is ours from then
  /// on.
  ///
  /// @throws IOException naming the file
  /// @throws CriException FAILED_PRECONDITION when there is no log path
  void reopen(Member container, Duration deadline) throws IOException, InterruptedException {
    if (!hasPath(container)) {
      throw new CriException(
          Status.Code.FAILED_PRECONDITION,
          "container \"" + container.id() + "\" has no log: it was created without a log path");
    }
    if (isFollowed(container)) {
      follow(container); // right after our start it may not be yet
    } else {
      logs.adopt(container.id(), origin(container), destination(container));
    }
    logs.begin(container.id());
    logs.reopen(container.id(), deadline);
  }

  private static Path destination(Member container) {
    return Path.of(container.inspect().labels().getOrDefault(Labels.LOG_PATH, ""));
  }

  /// Whether the shim writes this container's log: its own, and those of adopted ones from
  /// their first reopening on.
  public boolean isFollowed(Member container) {
    return hasPath(container) && (pods.made(container) || logs.follows(container.id()));
  }

  private static boolean hasPath(Member container) {
    return !container.isSandbox()
        && !container.inspect().labels().getOrDefault(Labels.LOG_PATH, "").isEmpty();
  }

  /// After a start of the shim: every log goes on where it stopped, of dead containers too.
  /// Forgets those of containers that are gone. A log file that cannot be opened holds up no
  /// other and is tried again while its container is there.
  public void followAll() throws DockerException {
    List<Member> containers = pods.containers();
    try {
      logs.retain(containers.stream().map(Member::id).collect(Collectors.toSet()));
    } catch (IOException e) {
      log.warn("cannot clean up the log checkpoints: {}", e.toString());
    }
    for (Member container : containers) {
      if (isFollowed(container) && container.inspect().startedAt().isPresent()) {
        Thread.ofVirtual().name("follow-" + container.id()).start(() -> goOn(container));
      }
    }
  }

  private void goOn(Member container) {
    boolean told = false;
    try {
      while (pods.find(container.id()).isPresent()) {
        if (tryToGoOn(container, told)) {
          return;
        }
        told = true;
        Thread.sleep(AGAIN);
      }
    } catch (DockerException e) {
      log.warn("the log of {} is not followed: {}", container.described(), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean tryToGoOn(Member container, boolean told) throws InterruptedException {
    opening.acquire();
    try {
      follow(container);
      logs.begin(container.id());
    } catch (IOException e) {
      if (!told) {
        log.warn("cannot follow the log of {} yet: {}", container.described(), e.toString());
      }
      return false;
    } finally {
      opening.release();
    }
    if (!container.inspect().running()) {
      var _ = died(container);
    }
    return true;
  }

  /// The container died: its log is drained from now on.
  public CompletableFuture<Void> died(Member container) {
    if (!isFollowed(container)) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    draining.put(container.id(), done);
    Thread.ofVirtual().name("drain-" + container.id().substring(0, 12)).start(() -> {
      drain(container);
      draining.remove(container.id(), done);
      done.complete(null);
    });
    return done;
  }

  /// The container was removed, by us or behind our back: what is still to be read is read, and
  /// nothing is kept of it.
  public void removed(Member container) {
    if (isFollowed(container)) {
      Thread.ofVirtual().name("forget-" + container.id().substring(0, 12)).start(() -> {
        drain(container);
        logs.forget(container.id());
      });
    }
  }

  private void drain(Member container) {
    try {
      if (pods.find(container.id()).isPresent()) {
        follow(container); // right after our start it may not be yet
        logs.begin(container.id());
      }
      if (!logs.drain(container.id(), DRAIN)) {
        log.warn("the log of {} is not complete yet, it goes on behind", container.described());
      }
    } catch (DockerException | IOException e) {
      log.warn("the log of {} may not be complete: {}", container.described(), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Waits until a dead container's log is complete, or as long as it may be held back.
  void awaitEnd(Member container) throws InterruptedException {
    CompletableFuture<Void> pending = draining.get(container.id());
    if (pending == null && diedJustNow(container)) {
      pending = died(container);
    }
    if (pending != null) {
      try {
        pending.get(DRAIN.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException | TimeoutException e) {
        log.debug("answering before the end of the log of {}", container.id());
      }
    }
  }

  private static boolean diedJustNow(Member container) {
    Instant recently = Instant.now().minus(DRAIN);
    return container.inspect().finishedAt().filter(recently::isBefore).isPresent();
  }
}
