package dev.jubelet.dockershim.network;

import dev.jubelet.linux.Launcher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The `iptables` programs of one address family, whichever backend the host has chosen for them.
/// They wait for the other users of the table.
record Iptables(String program) {
  static final Iptables IPV4 = new Iptables("iptables");
  static final Iptables IPV6 = new Iptables("ip6tables");

  private static final List<String> DIRS =
      List.of("/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin");
  private static final int MAX_OUTPUT = 4 * 1024 * 1024;

  boolean installed() {
    return find(program).isPresent() && find(program + "-restore").isPresent();
  }

  /// Runs `iptables` with these arguments; returns what it printed.
  String run(Duration deadline, List<String> arguments)
      throws NetworkException, InterruptedException {
    Launcher.Result result = launch(program, arguments, "", deadline);
    return new String(result.stdout(), StandardCharsets.UTF_8);
  }

  /// Whether `iptables` succeeds with these arguments.
  boolean succeeds(Duration deadline, List<String> arguments)
      throws NetworkException, InterruptedException {
    return start(program, arguments, "", deadline).exitCode() == 0;
  }

  /// Applies a whole text in one go, leaving what it does not name.
  void restore(Duration deadline, String text) throws NetworkException, InterruptedException {
    launch(program + "-restore", List.of("--noflush"), text, deadline);
  }

  private static Launcher.Result launch(
      String program, List<String> arguments, String stdin, Duration deadline)
      throws NetworkException, InterruptedException {
    Launcher.Result result = start(program, arguments, stdin, deadline);
    if (result.exitCode() != 0) {
      String said = new String(result.stderr(), StandardCharsets.UTF_8).strip();
      throw new NetworkException(
          "%s %s failed: %s".formatted(program, String.join(" ", arguments), said));
    }
    return result;
  }

  private static Launcher.Result start(
      String program, List<String> arguments, String stdin, Duration deadline)
      throws NetworkException, InterruptedException {
    Path path = find(program)
        .orElseThrow(() -> new NetworkException(program + " is not installed: install iptables"));
    List<String> argv = new ArrayList<>(List.of(path.toString(), "-w", "5"));
    argv.addAll(arguments);
    try {
      Launcher.Result result = Launcher.run(new Launcher.Command(
          argv,
          Map.of("PATH", String.join(":", DIRS), "LC_ALL", "C"),
          stdin.getBytes(StandardCharsets.UTF_8),
          deadline,
          MAX_OUTPUT));
      if (result.timedOut()) {
        throw new NetworkException(
            program + " did not answer within " + deadline.toSeconds() + " s and was killed");
      }
      return result;
    } catch (IOException e) {
      throw new NetworkException("cannot run " + path + ": " + e.getMessage(), e);
    }
  }

  private static Optional<Path> find(String program) {
    return DIRS.stream()
        .map(dir -> Path.of(dir, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
