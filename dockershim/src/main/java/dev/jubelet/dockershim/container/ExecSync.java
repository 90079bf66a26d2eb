package dev.jubelet.dockershim.container;

import com.google.protobuf.UnsafeByteOperations;
import dev.jubelet.cri.v1.ExecSyncRequest;
import dev.jubelet.cri.v1.ExecSyncResponse;
import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.ExecInspect;
import dev.jubelet.dockershim.docker.DockerApi.ExecStreams;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.gate.CallDeadline;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import io.grpc.Context;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `ExecSync`: three Docker calls. Output over the limit is read and dropped; at the timeout the
/// command's processes are killed before the answer DEADLINE_EXCEEDED.
public final class ExecSync {
  private static final Logger log = LoggerFactory.getLogger(ExecSync.class);

  /// Both streams together, with room for the rest of the gRPC message of 16 MiB.
  private static final int OUTPUT_BYTES = (16 << 20) - (64 << 10);

  private static final long ALL_OUTPUT_BYTES = 48L << 20;
  private static final int AT_ONCE = 64;
  private static final Duration FOREVER = Duration.ofDays(1);
  private static final Duration EXIT_CODE = Duration.ofSeconds(10);

  private final Pods pods;
  private final DockerApi docker;
  private final OutputBudget budget = new OutputBudget(ALL_OUTPUT_BYTES);
  private final Semaphore running = new Semaphore(AT_ONCE);

  public ExecSync(Pods pods, DockerApi docker) {
    this.pods = pods;
    this.docker = docker;
  }

  public ExecSyncResponse call(ExecSyncRequest request)
      throws DockerException, IOException, InterruptedException {
    if (request.getCmdCount() == 0) {
      throw CriException.invalid("cmd is empty");
    }
    Member container = pods.container(request.getContainerId());
    if (!container.inspect().running()) {
      throw notRunning(container.id());
    }
    Duration limit = CallDeadline.left(
        request.getTimeout() > 0 ? Duration.ofSeconds(request.getTimeout()) : FOREVER);
    long end = System.nanoTime() + limit.toNanos();
    if (!running.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS)) {
      throw timedOut(request, limit);
    }
    try (OutputBudget.Output output = budget.open(OUTPUT_BYTES)) {
      return run(request, container, limit, end, output);
    } finally {
      running.release();
    }
  }

  private ExecSyncResponse run(
      ExecSyncRequest request,
      Member container,
      Duration limit,
      long end,
      OutputBudget.Output output)
      throws DockerException, IOException, InterruptedException {
    String exec = create(request, container);
    CompletableFuture<Optional<ExecTree>> tree = new CompletableFuture<>();
    try (ExecStreams streams = docker.startExec(exec, false)) {
      CompletableFuture<Boolean> done = copy(streams, output);
      Context.CancellationListener cancelled = context -> done.complete(false);
      Context.current().addListener(cancelled, Runnable::run);
      try {
        pin(exec, container, done, tree);
        if (!await(done, end)) {
          kill(request, exec, container, tree);
          throw timedOut(request, limit);
        }
      } finally {
        Context.current().removeListener(cancelled);
      }
      return answer(request, exec, output);
    } finally {
      var _ = tree.thenAccept(t -> t.ifPresent(ExecTree::close));
    }
  }

  private String create(ExecSyncRequest request, Member container) throws DockerException {
    try {
      return docker.createExec(container.id(), request.getCmdList(), false, false);
    } catch (DockerException e) {
      if (e.isConflict()) {
        throw notRunning(container.id());
      }
      throw e;
    }
  }

  /// Completes with true at the end of both streams.
  private static CompletableFuture<Boolean> copy(ExecStreams streams, OutputBudget.Output output) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    Thread.ofVirtual().name("exec-output").start(() -> {
      try {
        streams.copyOutput(output.stdout(), output.stderr());
        done.complete(true);
      } catch (IOException | RuntimeException e) {
        done.completeExceptionally(e);
      }
    });
    return done;
  }

  /// Pins the command's process as soon as Docker knows it; a command that ends at once costs no
  /// call for that.
  private void pin(
      String exec,
      Member container,
      CompletableFuture<Boolean> done,
      CompletableFuture<Optional<ExecTree>> tree) {
    Thread.ofVirtual().name("exec-pid").start(() -> {
      Optional<ExecTree> found = Optional.empty();
      try {
        for (long nap = 20; found.isEmpty() && !ended(done, nap); nap *= 2) {
          long pid = docker.inspectExec(exec).pid();
          found = ExecTree.of(pid, container.inspect().pid());
          if (pid > 1 && found.isEmpty()) {
            break;
          }
        }
      } catch (DockerException e) {
        log.debug("exec {}: no pid: {}", exec, e.getMessage());
      } finally {
        tree.complete(found);
      }
    });
  }

  private static boolean ended(CompletableFuture<Boolean> done, long millis) {
    try {
      done.get(millis, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private static boolean await(CompletableFuture<Boolean> done, long end)
      throws IOException, InterruptedException {
    try {
      return done.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IOException("exec stream: " + e.getCause(), e);
    }
  }

  private void kill(
      ExecSyncRequest request,
      String exec,
      Member container,
      CompletableFuture<Optional<ExecTree>> pinned)
      throws IOException, InterruptedException {
    Optional<ExecTree> tree = pinned.getNow(Optional.empty());
    try {
      if (tree.isEmpty()) {
        tree = ExecTree.of(docker.inspectExec(exec).pid(), container.inspect().pid());
      }
    } catch (DockerException e) {
      log.warn("exec {} in {}: {}", request.getCmd(0), container.described(), e.getMessage());
    }
    if (tree.isEmpty() || !tree.get().kill()) {
      log.warn(
          "exec {} in {} timed out and its processes could not be killed",
          request.getCmd(0),
          container.described());
    }
    if (!pinned.isDone() || pinned.getNow(Optional.empty()).isEmpty()) {
      tree.ifPresent(ExecTree::close);
    }
  }

  private ExecSyncResponse answer(ExecSyncRequest request, String exec, OutputBudget.Output output)
      throws DockerException, InterruptedException {
    int code = exitCode(request, exec);
    if (output.truncated()) {
      log.warn("the output of exec {} was cut", request.getCmd(0));
    }
    return ExecSyncResponse.newBuilder()
        .setStdout(UnsafeByteOperations.unsafeWrap(output.stdoutBytes()))
        .setStderr(UnsafeByteOperations.unsafeWrap(output.stderrBytes()))
        .setExitCode(code)
        .build();
  }

  /// The streams end a little before Docker knows the exit.
  private int exitCode(ExecSyncRequest request, String exec)
      throws DockerException, InterruptedException {
    long end = System.nanoTime() + CallDeadline.left(EXIT_CODE).toNanos();
    for (long nap = 2; ; nap = Math.min(2 * nap, 200)) {
      ExecInspect inspect = docker.inspectExec(exec);
      if (!inspect.running()) {
        return inspect.exitCode();
      }
      if (System.nanoTime() > end) {
        throw timedOut(request, EXIT_CODE);
      }
      Thread.sleep(nap);
    }
  }

  private static CriException notRunning(String id) {
    return new CriException(Status.Code.FAILED_PRECONDITION, "container not running (" + id + ")");
  }

  private static CriException timedOut(ExecSyncRequest request, Duration limit) {
    return new CriException(
        Status.Code.DEADLINE_EXCEEDED,
        "command \"%s\" timed out after %d s".formatted(request.getCmd(0), limit.toSeconds()));
  }
}
