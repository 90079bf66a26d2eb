package dev.jubelet.it.logs;

import static org.awaitility.Awaitility.await;

import dev.jubelet.it.Background;
import dev.jubelet.it.Engine;
import dev.jubelet.it.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A second dockerd, beside the tests' own, whose defaults a test may choose.
final class OtherEngine {
  private final Path dir;
  private Background dockerd;

  OtherEngine(String... flags) throws Exception {
    dir = Files.createDirectories(Engine.work().resolve("logs-engine"));
    // With --bridge=none it would take the other engine's docker0 away.
    Ran.run("ip", "link", "add", "lgs0", "type", "bridge").ok();
    Ran.run("ip", "addr", "add", "172.28.0.1/16", "dev", "lgs0").ok();
    dockerd = dockerd(flags);
    Ran.run(Engine.top().resolve("bin/make-busybox").toString(), "unix://" + socket())
        .ok();
  }

  private Background dockerd(String... flags) throws IOException {
    List<String> words = new ArrayList<>(List.of(
        Engine.dockerd().toString(),
        "--data-root=" + dir.resolve("data"),
        "--exec-root=" + dir.resolve("exec"),
        "--host=unix://" + socket(),
        "--pidfile=" + dir.resolve("dockerd.pid"),
        "--bridge=lgs0",
        "--iptables=false"));
    words.addAll(List.of(flags));
    Background started = Background.start("dockerd-logs", Map.of(), words);
    await().atMost(Duration.ofSeconds(90)).until(() -> {
      if (!started.alive()) {
        throw new AssertionError("dockerd ended by itself: " + started);
      }
      return docker("version").exitCode() == 0;
    });
    return started;
  }

  /// Ends it, with its containers, and starts it with other defaults.
  void restart(String... flags) throws IOException {
    dockerd.close();
    dockerd = dockerd(flags);
  }

  Path socket() {
    return dir.resolve("docker.sock");
  }

  Ran docker(String... args) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("docker", "-H", "unix://" + socket()));
    words.addAll(List.of(args));
    return Ran.run(words.toArray(String[]::new));
  }

  String inspect(String id, String template) throws IOException, InterruptedException {
    return docker("inspect", "--format", template, id).ok().out().strip();
  }

  void close() throws Exception {
    dockerd.close();
    Ran.run("ip", "link", "del", "lgs0").ok();
  }
}
