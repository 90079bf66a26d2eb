package dev.jubelet.dockershim.state;

import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.state.ContainerState.Outage;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether the engine answers, asked only when somebody wants to know: a canary inspect of a name
/// that no container has (a 404 is an answer and costs the engine nothing), one at a time, and only
/// when no other answer is younger than the proof's life.
final class Health {
  private static final Logger log = LoggerFactory.getLogger(Health.class);
  private static final String CANARY = "jubelet-canary";

  private final DockerApi docker;
  private final Duration life;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition settled = lock.newCondition();
  private long answeredAt;
  private boolean everAnswered;
  private boolean asking;
  private @Nullable Outage outage;

  Health(DockerApi docker, Duration life) {
    this.docker = docker;
    this.life = life;
  }

  /// The engine answered something.
  void answered() {
    lock.lock();
    try {
      if (outage != null) {
        log.info("the Docker Engine answers again");
      }
      answeredAt = System.nanoTime();
      everAnswered = true;
      outage = null;
      settled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// The engine did not answer.
  void silent(DockerException e) {
    lock.lock();
    try {
      Outage known = outage;
      Instant since = known == null ? Instant.now() : known.since();
      if (known == null) {
        log.warn("the Docker Engine does not answer: {}", e.getMessage());
      }
      outage = new Outage(since, String.valueOf(e.getMessage()));
      settled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Empty while it answers. Asks when the last answer is too old, and waits for that, unless it is
  /// known to be silent: then the canary goes on behind.
  Optional<Outage> check() {
    long end = System.nanoTime() + life.toNanos();
    lock.lock();
    try {
      if (fresh()) {
        return Optional.empty();
      }
      if (!asking) {
        asking = true;
        Thread.ofVirtual().name("docker-canary").start(this::ask);
      }
      while (!fresh() && outage == null) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          String text = "no answer within " + life.toMillis() + " ms";
          silent(new DockerException("inspect_container", 0, text, true));
        } else {
          settled.awaitNanos(left);
        }
      }
      return told();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return told();
    } finally {
      lock.unlock();
    }
  }

  /// The outage with the call that has waited longest by now.
  private Optional<Outage> told() {
    return Optional.ofNullable(outage)
        .map(o -> new Outage(
            o.since(), o.message() + docker.oldest().map(Health::described).orElse("")));
  }

  private static String described(DockerApi.Outstanding call) {
    String what = (call.operation() + " " + call.subject()).strip();
    long seconds = Duration.between(call.since(), Instant.now()).toSeconds();
    return "; the oldest call, " + what + ", has waited for " + seconds + " s";
  }

  private boolean fresh() {
    return outage == null && everAnswered && System.nanoTime() - answeredAt < life.toNanos();
  }

  private void ask() {
    try {
      docker.inspectContainer(CANARY);
      answered();
    } catch (DockerException e) {
      if (answers(e)) {
        answered();
      } else {
        silent(e);
      }
    } finally {
      lock.lock();
      try {
        asking = false;
      } finally {
        lock.unlock();
      }
    }
  }

  /// Whether a failure is the engine's own answer.
  static boolean answers(DockerException e) {
    return !e.isTimeout() && e.status() >= 400 && e.status() < 500;
  }
}
