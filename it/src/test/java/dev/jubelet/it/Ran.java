package dev.jubelet.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A program that ran to its end, with a limit.
public record Ran(List<String> command, int exitCode, String out, String err) {

  public static Ran run(String... command) throws IOException, InterruptedException {
    return run(Map.of(), 60, List.of(command));
  }

  /// Runs with more environment; kills it after `seconds` and fails.
  public static Ran run(Map<String, String> env, int seconds, List<String> command)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile(Engine.work(), "ran", ".out");
    Path err = Files.createTempFile(Engine.work(), "ran", ".err");
    ProcessBuilder builder = new ProcessBuilder(command)
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectOutput(out.toFile())
        .redirectError(err.toFile());
    builder.environment().putAll(env);
    Process process = builder.start();
    boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    Ran ran = new Ran(command, ended ? process.exitValue() : -1, read(out), read(err));
    if (!ended) {
      throw new IOException("not done within " + seconds + " s: " + ran);
    }
    return ran;
  }

  /// Fails unless it ended with 0; gives itself.
  public Ran ok() {
    if (exitCode != 0) {
      throw new AssertionError(toString());
    }
    return this;
  }

  static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
