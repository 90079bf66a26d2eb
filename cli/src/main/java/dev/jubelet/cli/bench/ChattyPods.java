package dev.jubelet.cli.bench;

import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Pods of ten containers, each of which writes [#LINES] numbered lines of 100 bytes a second,
/// ten at a time.
final class ChattyPods implements AutoCloseable {
  static final int LINES = 100;
  private static final int IN_A_POD = 10;
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final String NAMESPACE = "jbench-logs";
  // Without a process for each pause; the number is the end of the line.
  private static final String SCRIPT = "mkfifo /tmp/never; exec 3<>/tmp/never; i=1000000;"
      + " p=" + ".".repeat(92) + ";"
      + " while :; do for k in 0 1 2 3 4 5 6 7 8 9; do echo $p$((i + k)); done;"
      + " i=$((i + 10)); read -t 0.1 -u 3 x; done";

  private final DockerApi docker;
  private final AgentProcess agent;
  private final String image;

  ChattyPods(DockerApi docker, AgentProcess agent, String image) {
    this.docker = docker;
    this.agent = agent;
    this.image = image;
  }

  /// Returns when each has written something.
  void start(int containers) throws IOException, InterruptedException {
    for (int first = 0; first < containers; first += IN_A_POD) {
      String name = "jbench-logs-" + first;
      Path hidden = agent.manifests().resolve("." + name);
      Files.writeString(hidden, manifest(name, Math.min(IN_A_POD, containers - first)));
      Files.move(hidden, agent.manifests().resolve(name + ".json"), StandardCopyOption.ATOMIC_MOVE);
    }
    await("written a line", () -> written() == containers);
  }

  private long written() throws IOException {
    long written = 0;
    for (Path log : files()) {
      written += Files.size(log) > 0 ? 1 : 0;
    }
    return written;
  }

  private List<Path> files() throws IOException {
    if (!Files.exists(agent.podLogs())) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(agent.podLogs())) {
      return files.filter(file -> file.getFileName().toString().equals("0.log")).toList();
    }
  }

  /// In all logs so far.
  long lines() throws IOException {
    long lines = 0;
    for (Path log : files()) {
      try (Stream<String> all = Files.lines(log)) {
        lines += all.count();
      }
    }
    return lines;
  }

  /// How many lines of all logs do not have the number after that of the line before.
  long wrongLines() throws IOException {
    long wrong = 0;
    for (Path log : files()) {
      long next = 1_000_000;
      List<String> lines = Files.readAllLines(log);
      for (String line : lines.subList(0, Math.max(0, lines.size() - 1))) {
        wrong += line.endsWith("." + next) ? 0 : 1;
        next++;
      }
    }
    return wrong;
  }

  private String manifest(String name, int containers) {
    String all = IntStream.range(0, containers)
        .mapToObj(k -> """
            {"name":"c%d","image":"%s","imagePullPolicy":"IfNotPresent",
             "command":["/bin/sh","-c","%s"]}""".formatted(k, image, SCRIPT))
        .collect(Collectors.joining(","));
    return """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s","namespace":"%s"},"spec":{
         "terminationGracePeriodSeconds":0,"containers":[%s]}}
        """.formatted(name, NAMESPACE, all);
  }

  /// Removes the pods and waits until they are gone.
  @Override
  public void close() throws IOException {
    try (var manifests = Files.newDirectoryStream(agent.manifests(), "*.json")) {
      for (Path manifest : manifests) {
        Files.delete(manifest);
      }
    }
    List<String> ours = List.of("io.kubernetes.pod.namespace=" + NAMESPACE);
    try {
      await("been removed", () -> docker.listContainers(ours).isEmpty());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private interface Condition {
    boolean holds() throws IOException, DockerException;
  }

  private static void await(String what, Condition condition)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!holds(condition)) {
      if (System.nanoTime() > end) {
        throw new IOException(
            "not every container has %s within %d s".formatted(what, PATIENCE.toSeconds()));
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private static boolean holds(Condition condition) throws IOException {
    try {
      return condition.holds();
    } catch (DockerException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
