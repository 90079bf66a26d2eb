package dev.jubelet.cli.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `jubelet node` as a process of its own, started as this one was, with everything below one
/// scratch directory.
final class AgentProcess implements AutoCloseable {
  private final Process process;
  private final Path manifests;
  private final Path log;
  private final Path podLogs;
  private final List<String> places;

  /// @param settings lines of its `KubeletConfiguration` besides what every bench needs
  AgentProcess(Path work, Path dockerSocket, BenchNetwork network, String settings)
      throws IOException {
    manifests = Files.createDirectories(work.resolve("manifests"));
    log = work.resolve("node.log");
    podLogs = work.resolve("logs");
    Path config = work.resolve("config.yaml");
    Files.writeString(config, """
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        healthzPort: 0
        failSwapOn: false
        podLogsDir: %s
        %s
        """.formatted(podLogs, settings));
    places = List.of(
        "--root-dir=" + work.resolve("root"),
        "--hostname-override=bench",
        "--network-plugin=cni",
        "--cni-conf-dir=" + network.confDir(),
        "--cni-cache-dir=" + work.resolve("cni-cache"),
        "--docker-endpoint=unix://" + dockerSocket,
        "--experimental-dockershim-root-directory=" + work.resolve("dockershim"));
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(
        "dev.jubelet.cli.Main",
        "node",
        "--config=" + config,
        "--pod-manifest-path=" + manifests,
        "--cni-bin-dir=" + network.binDir()));
    command.addAll(places);
    process = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
  }

  /// Waits until the agent says that it is up, and has come to rest.
  void awaitReady() throws IOException, InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (System.nanoTime() < end) {
      if (!process.isAlive()) {
        throw new IOException("the agent ended by itself; its log is " + log + ":\n" + tail());
      }
      if (Files.readString(log).contains("Start dockershim grpc server")) {
        TimeUnit.SECONDS.sleep(10);
        return;
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    throw new IOException("the agent was not up within 30 s; its log is " + log + ":\n" + tail());
  }

  /// The last lines of its log.
  String tail() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
  }

  long pid() {
    return process.pid();
  }

  /// The words of `jubelet doctor` for its directories.
  List<String> places() {
    List<String> words = new ArrayList<>(places);
    words.add("--pod-logs-dir=" + podLogs);
    return words;
  }

  Path podLogs() {
    return podLogs;
  }

  Path manifests() {
    return manifests;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
