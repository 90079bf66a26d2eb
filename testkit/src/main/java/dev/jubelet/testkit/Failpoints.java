package dev.jubelet.testkit;

import dev.jubelet.trace.StepHook;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Makes a program under test die, fail, wait or hang at a named step: found on the class path
/// as [StepHook]. The system property `jubelet.failpoints` names a file with a [Failpoint] a
/// line, read at each step, so that a running process can be armed and disarmed; without the
/// property nothing is done.
///
/// Beside it `<file>.log` tells, a line each: `passed KIND/NAME` for each step that the
/// process passed (once while that file is there), and `fired LINE` for each failpoint before
/// it acts.
public final class Failpoints implements StepHook {
  static final String PROPERTY = "jubelet.failpoints";

  private final StepHook hook;

  /// As the `ServiceLoader` makes it.
  public Failpoints() {
    String file = System.getProperty(PROPERTY, "");
    hook = file.isEmpty() ? NONE : new Armed(Path.of(file));
  }

  Failpoints(Path file) {
    hook = new Armed(file);
  }

  @Override
  public void reached(String kind, String name, Edge edge) {
    hook.reached(kind, name, edge);
  }

  /// What a step failed with.
  static final class FailpointException extends RuntimeException {
    FailpointException(String line) {
      super("failpoint: " + line);
    }
  }

  private static final class Armed implements StepHook {
    private static final int KILLED = 137;
    private static final long LOOK_AGAIN_MILLIS = 20;

    private final Path file;
    private final Path log;
    private final Set<String> passed = ConcurrentHashMap.newKeySet();

    /// How often a line's place was reached while the line was there.
    private final Map<String, AtomicInteger> reached = new ConcurrentHashMap<>();

    Armed(Path file) {
      this.file = file;
      this.log = file.resolveSibling(file.getFileName() + ".log");
    }

    @Override
    public void reached(String kind, String name, Edge edge) {
      String step = kind + "/" + name;
      if (!Files.exists(log)) {
        passed.clear();
      }
      if (passed.add(step)) {
        tell("passed " + step);
      }
      List<Failpoint> armed = armed();
      reached.keySet().retainAll(armed.stream().map(Failpoint::line).toList());
      for (Failpoint one : armed) {
        if (one.at(step, edge) && count(one) == one.nth()) {
          tell("fired " + one.line());
          act(one);
        }
      }
    }

    private int count(Failpoint one) {
      return reached.computeIfAbsent(one.line(), _ -> new AtomicInteger()).incrementAndGet();
    }

    private void act(Failpoint one) {
      try {
        switch (one.action()) {
          case Failpoint.Action.Kill _ -> Runtime.getRuntime().halt(KILLED);
          case Failpoint.Action.Fail _ -> throw new FailpointException(one.line());
          case Failpoint.Action.Delay(var time) -> Thread.sleep(time);
          case Failpoint.Action.Hang _ -> {
            while (armed().contains(one)) {
              Thread.sleep(LOOK_AGAIN_MILLIS);
            }
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new FailpointException(one.line() + ", interrupted");
      }
    }

    private List<Failpoint> armed() {
      try {
        return Files.readAllLines(file).stream()
            .filter(line -> !line.isBlank())
            .map(Failpoint::parse)
            .toList();
      } catch (NoSuchFileException e) {
        return List.of();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private synchronized void tell(String line) {
      try {
        Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
