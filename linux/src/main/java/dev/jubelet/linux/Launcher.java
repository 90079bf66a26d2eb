package dev.jubelet.linux;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;

/// The one way to start another program: argv only (never a shell), in a session of its own, with
/// nothing inherited but stdin, stdout and stderr; both outputs are read to the end and capped; at
/// the deadline the whole process group is killed. A child in the background that keeps a pipe open
/// does not hold up the answer, and is left alone when the program ended by itself. Waits on a
/// platform thread, so virtual threads may call it.
public final class Launcher {
  private static final ThreadFactory THREADS =
      Thread.ofPlatform().daemon().name("launcher-", 1).factory();

  private Launcher() {}

  /// What to start.
  ///
  /// @param argv the program, looked up in our own PATH when it has no slash, and its arguments
  /// @param env its whole environment; nothing of ours is added
  /// @param stdin handed over, then closed
  /// @param deadline for the program's exit
  /// @param maxOutputBytes kept of each output; the rest is read and dropped
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Command(
      List<String> argv,
      Map<String, String> env,
      byte[] stdin,
      Duration deadline,
      int maxOutputBytes) {
    public Command {
      argv = List.copyOf(argv);
      env = Map.copyOf(env);
      if (argv.isEmpty()) {
        throw new IllegalArgumentException("a command needs a program");
      }
      for (String word : argv) {
        if (word.indexOf('\0') >= 0) {
          throw new IllegalArgumentException("an argument of " + argv.getFirst() + " has a NUL");
        }
      }
    }
  }

  /// How it ended.
  ///
  /// @param exitCode 128 + n when signal n ended it; −1 when it could not even be killed in time
  /// @param timedOut the deadline passed and the group was killed
  /// @param truncated one of the outputs was longer than allowed
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Result(
      int exitCode, byte[] stdout, byte[] stderr, boolean timedOut, boolean truncated) {}

  /// Runs a program to its end.
  ///
  /// @throws KernelException when it cannot be started
  /// @throws InterruptedException when the caller was interrupted; the group is killed
  public static Result run(Command command) throws IOException, InterruptedException {
    CompletableFuture<Result> answer = new CompletableFuture<>();
    ChildProcess child = new ChildProcess(command, answer);
    THREADS.newThread(child::run).start();
    try {
      return answer.get();
    } catch (InterruptedException e) {
      child.cancel();
      throw e;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException bug) {
        throw bug;
      }
      throw e.getCause() instanceof IOException io
          ? io
          : new IOException("running " + command.argv().getFirst(), e);
    }
  }
}
