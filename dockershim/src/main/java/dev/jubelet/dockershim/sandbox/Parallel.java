package dev.jubelet.dockershim.sandbox;

import dev.jubelet.dockershim.CriException;
import io.grpc.Status;
import io.opentelemetry.context.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// The same step on several containers at once; all are tried, then the first failure is told.
final class Parallel {
  private Parallel() {}

  static <T> void each(String what, List<T> items, Step<T> step) throws Exception {
    if (items.size() == 1) {
      step.on(items.getFirst());
      return;
    }
    List<Exception> failures = new ArrayList<>();
    try (ExecutorService threads =
        Context.taskWrapping(Executors.newVirtualThreadPerTaskExecutor())) {
      List<Future<?>> running = new ArrayList<>();
      for (T item : items) {
        running.add(threads.submit(() -> {
          step.on(item);
          return item;
        }));
      }
      for (Future<?> one : running) {
        try {
          one.get();
        } catch (ExecutionException e) {
          failures.add(e.getCause() instanceof Exception cause ? cause : e);
        }
      }
    }
    failIfAny(what, failures);
  }

  static void failIfAny(String what, List<Exception> failures) throws Exception {
    if (failures.size() == 1) {
      throw failures.getFirst();
    }
    if (!failures.isEmpty()) {
      List<String> texts =
          failures.stream().map(f -> String.valueOf(f.getMessage())).toList();
      CriException all = new CriException(Status.Code.UNKNOWN, what + ": " + texts);
      failures.forEach(all::addSuppressed);
      throw all;
    }
  }

  interface Step<T> {
    void on(T item) throws Exception;
  }
}
