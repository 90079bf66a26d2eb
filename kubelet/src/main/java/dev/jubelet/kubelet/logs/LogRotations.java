package dev.jubelet.kubelet.logs;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Rotates the logs of running containers that have grown too large, as the kubelet has to under
/// CRI: looks at them every few seconds, renames, and has the runtime reopen.
public final class LogRotations implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogRotations.class);

  /// A runtime that cannot reopen (an adopted container's log) is not asked every few seconds.
  private static final Duration AFTER_FAILURE = Duration.ofMinutes(1);

  private final Policy policy;
  private final Supplier<List<Running>> running;
  private final Reopener runtime;
  private final Duration deadline;
  private final Clock clock;
  private final InstantSource steady;
  private final Semaphore workers;
  private final Set<String> busy = ConcurrentHashMap.newKeySet();
  private final Map<String, Instant> notBefore = new ConcurrentHashMap<>();
  private final Thread thread;

  /// @param maxSize in bytes, at which a log is rotated; negative for never
  /// @param maxFiles of one container, the current one included; at least 2
  /// @param workers how many logs are rotated at a time
  /// @param interval between two looks
  public record Policy(long maxSize, int maxFiles, int workers, Duration interval) {}

  /// A container whose log may grow.
  public record Running(String containerId, Path log) {}

  /// Who writes the logs.
  @FunctionalInterface
  public interface Reopener {
    /// Answers after the switch to the new file.
    void reopenLog(String containerId) throws IOException;
  }

  /// @param running asked at each look
  /// @param deadline of a call that may hang with the disk
  /// @param clock the host's, for the names of rotated logs
  /// @param steady nobody sets it: for pauses
  public LogRotations(
      Policy policy,
      Supplier<List<Running>> running,
      Reopener runtime,
      Duration deadline,
      Clock clock,
      InstantSource steady) {
    this.policy = policy;
    this.running = running;
    this.runtime = runtime;
    this.deadline = deadline;
    this.clock = clock;
    this.steady = steady;
    this.workers = new Semaphore(policy.workers());
    this.thread = Thread.ofVirtual().name("log-rotation").unstarted(this::loop);
  }

  /// Does nothing when logs are never rotated.
  public void start() {
    if (policy.maxSize >= 0) {
      thread.start();
    }
  }

  /// Whether it looks by itself.
  boolean looks() {
    return thread.isAlive();
  }

  /// How many logs are being rotated.
  int underWay() {
    return busy.size();
  }

  private void loop() {
    while (true) {
      try {
        Thread.sleep(policy.interval);
        look();
      } catch (InterruptedException e) {
        return;
      } catch (IOException | RuntimeException e) {
        LOG.error("Failed to rotate container logs err=\"{}\"", e.toString());
      }
    }
  }

  /// One look at every log; what has to be rotated is, on threads of their own.
  void look() throws IOException {
    List<Running> now = running.get();
    notBefore.keySet().retainAll(now.stream().map(Running::containerId).toList());
    Map<Path, Long> sizes = LogRotator.sizes(now.stream().map(Running::log).toList(), deadline);
    for (Running container : now) {
      long size = sizes.getOrDefault(container.log, 0L);
      if ((size >= policy.maxSize || size < 0)
          && !waits(container)
          && busy.add(container.containerId)) {
        Thread.ofVirtual().name("log-rotation").start(() -> rotate(container, size < 0));
      }
    }
  }

  private boolean waits(Running container) {
    Instant until = notBefore.get(container.containerId);
    return until != null && steady.instant().isBefore(until);
  }

  private void rotate(Running container, boolean missing) {
    try {
      workers.acquire();
      try {
        if (missing) {
          runtime.reopenLog(container.containerId);
        } else {
          new LogRotator(container.log, deadline)
              .rotate(policy.maxFiles, clock, () -> runtime.reopenLog(container.containerId));
        }
      } finally {
        workers.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      LOG.error(
          "Failed to rotate log for container containerID=\"{}\" path=\"{}\" err=\"{}\"",
          container.containerId,
          container.log,
          e.toString());
      notBefore.put(container.containerId, steady.instant().plus(AFTER_FAILURE));
    } finally {
      busy.remove(container.containerId);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
