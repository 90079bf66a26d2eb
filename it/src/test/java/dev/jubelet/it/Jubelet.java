package dev.jubelet.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The program under test as users start it: a process of its own, from this build's class path.
public final class Jubelet implements AutoCloseable {
  private final Process process;
  private final Path out;
  private final Path err;

  private Jubelet(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /// The words before the command's own.
  public static List<String> java() {
    return java(List.of());
  }

  private static List<String> java(List<String> jvmOptions) {
    List<String> words = new ArrayList<>();
    words.add(System.getProperty("java.home") + "/bin/java");
    Ran.read(Engine.top().resolve("bin/jvm.options"))
        .lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .forEach(words::add);
    words.addAll(jvmOptions);
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.jubelet.cli.Main"));
    return words;
  }

  /// Runs a command to its end.
  public static Ran run(String... args) throws IOException, InterruptedException {
    return Ran.run(env(), 120, Stream.concat(java().stream(), Stream.of(args)).toList());
  }

  /// Starts a command that goes on.
  public static Jubelet start(String... args) throws IOException {
    return start(List.of(), args);
  }

  /// As [#start(String...)], in a Java machine with more options.
  static Jubelet start(List<String> jvmOptions, String... args) throws IOException {
    Path out = Files.createTempFile(Engine.work(), "jubelet", ".out");
    Path err = Files.createTempFile(Engine.work(), "jubelet", ".err");
    ProcessBuilder builder = new ProcessBuilder(
            Stream.concat(java(jvmOptions).stream(), Stream.of(args)).toList())
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectOutput(out.toFile())
        .redirectError(err.toFile());
    builder.environment().putAll(env());
    return new Jubelet(builder.start(), out, err);
  }

  private static Map<String, String> env() {
    return Map.of(
        "JUBELET_CALLED_AS",
        "jubelet",
        "JUBELET_HOME",
        Engine.top().toString(),
        "JUBELET_PROGRAM",
        Engine.top().resolve("jubelet").toString());
  }

  public String out() {
    return Ran.read(out);
  }

  public String err() {
    return Ran.read(err);
  }

  public long pid() {
    return process.pid();
  }

  public boolean alive() {
    return process.isAlive();
  }

  /// kill -9.
  public void kill9() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /// Sends a signal by name, as Ctrl-C (`INT`) does.
  public void signal(String name) throws IOException, InterruptedException {
    Ran.run("kill", "-" + name, String.valueOf(pid())).ok();
  }

  /// Waits for the end and gives the exit code.
  public int await(int seconds) throws InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      throw new AssertionError("did not end within " + seconds + " s\n" + out() + "\n" + err());
    }
    return process.exitValue();
  }

  /// SIGTERM, then -9.
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "out:\n" + out() + "\nerr:\n" + err();
  }
}
