package dev.jubelet.cli.run;

import dev.jubelet.cli.Failure;
import dev.jubelet.trace.local.LocalClient;
import dev.jubelet.trace.local.v1.ListPodsRequest;
import dev.jubelet.trace.local.v1.PodSummary;
import dev.jubelet.trace.local.v1.RemovePodsRequest;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/// Removes pods and waits until they are gone.
public final class Removal {

  /// The pods' own grace periods.
  public static final long OWN_GRACE = -1;

  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration AT_ONCE = Duration.ofSeconds(10);

  private final LocalClient agent;
  private final List<String> uids;

  public Removal(LocalClient agent, List<String> uids) {
    this.agent = agent;
    this.uids = List.copyOf(uids);
  }

  /// With this grace in seconds; as soon as `hurry` is true, without any.
  public void run(long graceSeconds, BooleanSupplier hurry) throws Failure, InterruptedException {
    Context.CancellableContext context = Context.current().withCancellation();
    CompletableFuture<Void> gone = new CompletableFuture<>();
    Thread.ofVirtual().name("removal").start(context.wrap(() -> complete(gone, graceSeconds)));
    try {
      while (!await(gone, Duration.ofMillis(100))) {
        if (hurry.getAsBoolean()) {
          CompletableFuture<Void> atOnce = new CompletableFuture<>();
          Thread.ofVirtual().name("removal").start(context.wrap(() -> complete(atOnce, 0)));
          if (!await(atOnce, AT_ONCE)) {
            throw Failure.of("the pods are not gone yet, the agent goes on removing them");
          }
          return;
        }
      }
    } finally {
      context.cancel(null);
    }
  }

  private void complete(CompletableFuture<Void> gone, long graceSeconds) {
    try {
      remove(graceSeconds);
      gone.complete(null);
    } catch (StatusRuntimeException e) {
      gone.completeExceptionally(e);
    }
  }

  private void remove(long graceSeconds) {
    List<String> there =
        agent.within(ANSWER).listPods(ListPodsRequest.getDefaultInstance()).getPodsList().stream()
            .map(PodSummary::getUid)
            .filter(uids::contains)
            .toList();
    if (there.isEmpty()) {
      return;
    }
    try {
      agent
          .watching()
          .removePods(RemovePodsRequest.newBuilder()
              .addAllPods(there)
              .setGraceSeconds(graceSeconds)
              .build())
          .forEachRemaining(_ -> {});
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
        throw e;
      }
      remove(graceSeconds); // one went by itself between the list and the call
    }
  }

  private static boolean await(CompletableFuture<Void> gone, Duration most)
      throws Failure, InterruptedException {
    try {
      gone.get(most.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw Failure.of("the pods could not be removed: " + Objects.toString(e.getCause()));
    }
  }
}
