package dev.jubelet.cli.run;

import dev.jubelet.cli.Failure;
import dev.jubelet.trace.local.LocalClient;
import dev.jubelet.trace.local.v1.ListPodsRequest;
import dev.jubelet.trace.local.v1.ListPodsResponse;
import dev.jubelet.trace.local.v1.PodSummary;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The agent's list of pods, kept up to date. When the agent goes away (another run that had it
/// inside ended, and one in the background takes over) it is waited for.
final class PodWatch implements AutoCloseable {
  private static final Duration GIVE_UP = Duration.ofSeconds(30);
  private static final Duration RETRY = Duration.ofMillis(200);

  private final LocalClient agent;
  private final Context.CancellableContext context = Context.ROOT.withCancellation();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<String> seen = new HashSet<>();
  private @Nullable ListPodsResponse latest;
  private boolean lost;

  PodWatch(LocalClient agent) {
    this.agent = agent;
    Thread.ofVirtual().name("pod-watch").start(context.wrap(this::watch));
  }

  /// The newest list, once.
  Optional<ListPodsResponse> latest() throws Failure {
    lock.lock();
    try {
      if (lost) {
        throw Failure.of(
            "the agent at %s went away and no other came; the same command takes the pods up again"
                .formatted(agent.socket()));
      }
      Optional<ListPodsResponse> list = Optional.ofNullable(latest);
      latest = null;
      list.ifPresent(l -> l.getPodsList().forEach(pod -> seen.add(pod.getUid())));
      return list;
    } finally {
      lock.unlock();
    }
  }

  /// Waits for a change, at most so long.
  void await(Duration most) throws InterruptedException {
    lock.lock();
    try {
      long left = most.toNanos();
      while (latest == null && !lost && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Whether each was in a list once.
  boolean sawAll(List<String> uids) {
    return seen.containsAll(uids);
  }

  /// Those that were listed and are not any more.
  Set<String> missing(List<String> uids, ListPodsResponse list) {
    Set<String> listed =
        list.getPodsList().stream().map(PodSummary::getUid).collect(Collectors.toSet());
    return uids.stream()
        .filter(uid -> seen.contains(uid) && !listed.contains(uid))
        .collect(Collectors.toSet());
  }

  private void watch() {
    long down = 0;
    while (!context.isCancelled()) {
      try {
        Iterator<ListPodsResponse> lists =
            agent.watching().watchPods(ListPodsRequest.getDefaultInstance());
        while (lists.hasNext()) {
          down = 0;
          publish(lists.next());
        }
      } catch (StatusRuntimeException e) {
        down = down == 0 ? System.nanoTime() : down;
        if (System.nanoTime() - down > GIVE_UP.toNanos()) {
          lose();
          return;
        }
      }
      if (!pause()) {
        return;
      }
    }
  }

  private boolean pause() {
    try {
      Thread.sleep(RETRY);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void publish(ListPodsResponse list) {
    lock.lock();
    try {
      latest = list;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void lose() {
    lock.lock();
    try {
      lost = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    context.cancel(null);
  }
}
