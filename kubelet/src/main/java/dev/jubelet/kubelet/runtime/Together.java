package dev.jubelet.kubelet.runtime;

import io.opentelemetry.context.Context;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// Runs blocking work side by side, each on a virtual thread, inside the current span.
final class Together {
  private Together() {}

  interface Work<T> {
    T call() throws Exception;
  }

  static <T> CompletableFuture<T> begin(String name, Work<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Runnable body = () -> {
      try {
        result.complete(work.call());
      } catch (Exception | Error e) {
        result.completeExceptionally(e);
      }
    };
    Thread.ofVirtual().name(name).start(Context.current().wrap(body));
    return result;
  }

  /// Waits for all; then throws what the first failed one threw.
  static void join(List<? extends CompletableFuture<?>> all)
      throws IOException, InterruptedException {
    List<Throwable> failures = new ArrayList<>();
    for (CompletableFuture<?> one : all) {
      try {
        one.get();
      } catch (ExecutionException e) {
        failures.add(e.getCause() == null ? e : e.getCause());
      }
    }
    if (failures.isEmpty()) {
      return;
    }
    switch (failures.getFirst()) {
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IOException(e.getMessage(), e);
    }
  }
}
