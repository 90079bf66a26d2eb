package dev.jubelet.cli.look;

import dev.jubelet.cli.Failure;
import dev.jubelet.trace.local.v1.ContainerSummary;
import dev.jubelet.trace.local.v1.PodSummary;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `jubelet logs POD`.
@Command(name = "logs", description = "Prints a container's output.")
public final class LogsCommand implements Callable<Integer> {
  private static final Duration LOOK_AT_FILE = Duration.ofMillis(100);
  private static final long LOOK_AT_POD_NANOS = Duration.ofSeconds(1).toNanos();

  @Parameters(paramLabel = "POD", description = "name, namespace/name or uid")
  private String pod = "";

  @Option(
      names = {"-c", "--container"},
      description = "needed when the pod has several")
  private String container = "";

  @Option(
      names = {"-f", "--follow"},
      description = "go on until the container is gone for good")
  private boolean follow;

  @Option(names = "--timestamps", description = "print each line's time first")
  private boolean timestamps;

  @Override
  public Integer call() throws Failure, IOException, InterruptedException {
    PodSummary known = Agents.find().pod(pod).answer();
    ContainerSummary target = Containers.choose(known, container);
    if (target.getLogPath().isEmpty() && !follow) {
      throw Failure.of("container %s has not started yet, 'jubelet why %s' says why"
          .formatted(target.getName(), known.getName()));
    }
    try {
      follow(known.getUid(), target);
    } catch (BrokenPipeException e) {
      return 0;
    }
    return 0;
  }

  private void follow(String uid, ContainerSummary target)
      throws Failure, IOException, InterruptedException {
    Optional<ContainerSummary> now = Optional.of(target);
    while (now.isPresent()) {
      ContainerSummary current = now.get();
      if (!current.getLogPath().isEmpty() && Files.exists(Path.of(current.getLogPath()))) {
        try (LogFile log = new LogFile(Path.of(current.getLogPath()))) {
          print(log);
          now = follow ? until(uid, current, log) : Optional.empty();
        }
      } else if (follow) {
        Thread.sleep(LOOK_AT_FILE.multipliedBy(5));
        now = look(uid, current.getName());
      } else {
        throw Failure.of("its log " + current.getLogPath() + " is not there");
      }
    }
  }

  /// Prints until the container has another log file, or empty when it will have none.
  private Optional<ContainerSummary> until(String uid, ContainerSummary current, LogFile log)
      throws IOException, InterruptedException {
    long looked = System.nanoTime();
    while (true) {
      Thread.sleep(LOOK_AT_FILE);
      print(log);
      if (System.nanoTime() - looked > LOOK_AT_POD_NANOS) {
        looked = System.nanoTime();
        Optional<ContainerSummary> now = look(uid, current.getName());
        if (now.isEmpty() || !now.get().getLogPath().equals(current.getLogPath())) {
          print(log);
          return now;
        }
      }
    }
  }

  /// The container as it is; empty when its pod is gone or will not run it again.
  private static Optional<ContainerSummary> look(String uid, String name) throws IOException {
    try {
      PodSummary pod = Agents.find().pod(uid).answer();
      boolean over = pod.getPhase().equals("Succeeded") || pod.getPhase().equals("Failed");
      return over
          ? Optional.empty()
          : pod.getContainersList().stream()
              .filter(c -> c.getName().equals(name))
              .findFirst();
    } catch (Failure | StatusRuntimeException e) {
      return Optional.empty();
    }
  }

  private void print(LogFile log) throws IOException {
    for (LogFile.Line line : log.read()) {
      Output.stdout(timestamps ? line.time() + " " : "", line.text());
    }
  }
}
