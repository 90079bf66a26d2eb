package dev.jubelet.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A peer that runs beside a test (a dockerd, a kubelet, containerd) with its log; ended by its
/// pid.
public final class Background implements AutoCloseable {
  private final Process process;
  private final Path log;

  private Background(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  public static Background start(String name, Map<String, String> env, List<String> command)
      throws IOException {
    Path log = Files.createTempFile(Engine.work(), name, ".log");
    ProcessBuilder builder = new ProcessBuilder(command)
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile());
    builder.environment().putAll(env);
    return new Background(builder.start(), log);
  }

  public boolean alive() {
    return process.isAlive();
  }

  /// The last lines of its log.
  public String log() {
    List<String> lines = Ran.read(log).lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
  }

  /// Its whole output.
  public List<String> all() {
    return Ran.read(log).lines().toList();
  }

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
    return log();
  }
}
