package dev.jubelet.testkit;

import dev.jubelet.trace.StepHook.Edge;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What happens to a process at one place: a line of the file of [Failpoints], for example
/// `shim/create sandbox after kill`, `docker/docker create_container before delay 200ms`,
/// `step/set up volumes before error 3`.
///
/// @param step `<kind>/<name>` as in the waterfall
/// @param nth at which passage since the line came, the first is 1; at no other
public record Failpoint(String line, String step, Edge edge, Action action, int nth) {
  private static final Pattern LINE =
      Pattern.compile("(\\w+/.+) (before|after) (kill|error|hang|delay (\\d+)(ms|s))(?: (\\d+))?");

  /// What is done.
  public sealed interface Action {
    /// The process ends at once, as by `kill -9`, with exit code 137.
    record Kill() implements Action {}

    /// The step fails with an unchecked exception.
    record Fail() implements Action {}

    /// The step goes on, later.
    record Delay(Duration time) implements Action {}

    /// The step goes on when the line is gone from the file.
    record Hang() implements Action {}
  }

  /// @throws IllegalArgumentException naming the line
  public static Failpoint parse(String line) {
    Matcher match = LINE.matcher(line);
    if (!match.matches()) {
      throw new IllegalArgumentException("not a failpoint: \"" + line
          + "\", write: KIND/NAME before|after kill|error|hang|delay Ns [NTH]");
    }
    return new Failpoint(
        line,
        match.group(1),
        Edge.valueOf(match.group(2).toUpperCase(Locale.ROOT)),
        action(match),
        match.group(6) == null ? 1 : Integer.parseInt(match.group(6)));
  }

  private static Action action(Matcher match) {
    return switch (match.group(3)) {
      case "kill" -> new Action.Kill();
      case "error" -> new Action.Fail();
      case "hang" -> new Action.Hang();
      default -> {
        long number = Long.parseLong(match.group(4));
        yield new Action.Delay(
            match.group(5).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number));
      }
    };
  }

  boolean at(String reached, Edge where) {
    return step.equals(reached) && edge == where;
  }
}
