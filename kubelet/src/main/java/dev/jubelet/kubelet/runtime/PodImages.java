package dev.jubelet.kubelet.runtime;

import dev.jubelet.kubelet.image.PullOutcome;
import io.fabric8.kubernetes.api.model.Container;
import io.opentelemetry.context.Context;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/// The images of one pod while it starts: looked for (and pulled) beside the sandbox, one thread
/// per
/// image, so that a container finds its own there when its turn comes. Each answer is good for one
/// start.
final class PodImages {
  private final Map<String, CompletableFuture<PullOutcome>> asked = new ConcurrentHashMap<>();
  private final Set<Thread> pulling = ConcurrentHashMap.newKeySet();

  /// Makes one container's image present.
  interface Ensure {
    PullOutcome ensure(Container container) throws InterruptedException;
  }

  /// Begins with those that nobody has asked for yet.
  void prefetch(List<Container> containers, Ensure ensure) {
    Map<String, List<Container>> byImage = new LinkedHashMap<>();
    for (Container container : containers) {
      if (asked.putIfAbsent(container.getName(), new CompletableFuture<>()) == null) {
        byImage.computeIfAbsent(container.getImage(), _ -> new ArrayList<>()).add(container);
      }
    }
    byImage.values().forEach(sharing -> begin(sharing, ensure));
  }

  private void begin(List<Container> sharing, Ensure ensure) {
    Thread thread = Thread.ofVirtual()
        .name("images")
        .unstarted(Context.current().wrap(() -> run(sharing, ensure)));
    pulling.add(thread);
    thread.start();
  }

  private void run(List<Container> sharing, Ensure ensure) {
    try {
      for (Container container : sharing) {
        answer(container, ensure);
      }
    } finally {
      pulling.remove(Thread.currentThread());
    }
  }

  private void answer(Container container, Ensure ensure) {
    CompletableFuture<PullOutcome> future = asked.get(container.getName());
    if (future == null) {
      return;
    }
    try {
      future.complete(ensure.ensure(container));
    } catch (InterruptedException e) {
      future.cancel(false);
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      future.completeExceptionally(e);
    }
  }

  /// Waits for the container's image; empty when that was given up by [#cancel()].
  Optional<PullOutcome> take(Container container, Ensure ensure) throws InterruptedException {
    prefetch(List.of(container), ensure);
    CompletableFuture<PullOutcome> future = asked.get(container.getName());
    if (future == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(future.get());
    } catch (CancellationException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "looking for image " + container.getImage() + " failed", e.getCause());
    } finally {
      asked.remove(container.getName());
    }
  }

  /// Forgets what came to nothing: the next sync asks anew.
  void dropFailed() {
    asked
        .values()
        .removeIf(f -> f.isDone()
            && (f.isCompletedExceptionally() || f.getNow(null) instanceof PullOutcome.Failed));
  }

  void cancel() {
    asked.values().forEach(f -> f.cancel(false));
    pulling.forEach(Thread::interrupt);
  }
}
