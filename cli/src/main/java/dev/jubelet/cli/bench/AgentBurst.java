package dev.jubelet.cli.bench;

import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.EngineEvent;
import dev.jubelet.dockershim.docker.DockerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Pods by manifest, seen from outside: their manifests are renamed into the agent's directory, and
/// Docker's own events tell when each container started and was destroyed.
final class AgentBurst implements AutoCloseable {
  static final int CRASHES = 3;
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Path manifests;
  private final String image;
  private final Map<String, Instant> started = new ConcurrentHashMap<>();
  private final Map<String, Integer> starts = new ConcurrentHashMap<>();
  private final Map<String, Instant> destroyed = new ConcurrentHashMap<>();
  private final Map<String, Instant> sandboxesGone = new ConcurrentHashMap<>();
  private final Thread watcher;
  private int bursts;

  AgentBurst(DockerApi docker, Path manifests, String image) throws InterruptedException {
    this.manifests = manifests;
    this.image = image;
    CountDownLatch connected = new CountDownLatch(1);
    watcher = Thread.ofVirtual().start(() -> {
      try {
        docker.events(Instant.now(), connected::countDown, this::seen);
      } catch (DockerException | InterruptedException e) {
        // The bench ends, or the wait for the next start says what is missing.
      }
    });
    if (!connected.await(10, TimeUnit.SECONDS)) {
      throw new IllegalStateException("docker's events could not be subscribed to within 10 s");
    }
  }

  private void seen(EngineEvent event) {
    String pod = event.attributes().getOrDefault("io.kubernetes.pod.name", "");
    String type = event.attributes().getOrDefault("io.kubernetes.docker.type", "");
    if (!pod.startsWith("jbench-")) {
      return;
    }
    if (type.equals("podsandbox") && event.action().equals("destroy")) {
      sandboxesGone.putIfAbsent(pod, event.time());
    } else if (type.equals("container")) {
      switch (event.action()) {
        case "start" -> {
          started.putIfAbsent(pod, event.time());
          starts.merge(pod, 1, Integer::sum);
        }
        case "destroy" -> destroyed.putIfAbsent(pod, event.time());
        default -> {}
      }
    }
  }

  /// Writes the manifests of `pods` pods and waits until each one's container has started.
  Figures start(int pods) throws IOException, InterruptedException {
    return start(pods, 0);
  }

  /// As [#start(int)]; `crashing` of them fail again and again, each [#CRASHES] times at least.
  Figures start(int pods, int crashing) throws IOException, InterruptedException {
    Map<String, Instant> written = new LinkedHashMap<>();
    List<String> loops = new ArrayList<>();
    bursts++;
    for (int k = 0; k < pods; k++) {
      String name = "jbench-%d-%04d".formatted(bursts, k);
      Path hidden = manifests.resolve("." + name);
      boolean crashes = k < crashing;
      Files.writeString(hidden, manifest(name, crashes ? "exit 1" : "exec sleep 100000"));
      if (crashes) {
        loops.add(name);
      }
      written.put(name, Instant.now());
      Files.move(hidden, manifests.resolve(name + ".json"), StandardCopyOption.ATOMIC_MOVE);
    }
    await(written.keySet(), name -> find(started, name).isPresent(), "started");
    await(loops, name -> find(starts, name).orElse(0) > CRASHES, "restarted " + CRASHES + " times");
    List<Double> seconds = new ArrayList<>();
    Instant last = Instant.EPOCH;
    for (Map.Entry<String, Instant> pod : written.entrySet()) {
      Instant at = find(started, pod.getKey()).orElseThrow();
      seconds.add(Duration.between(pod.getValue(), at).toNanos() / 1e9);
      last = at.isAfter(last) ? at : last;
    }
    Instant first = written.values().iterator().next();
    return new Figures(
        seconds.stream().mapToDouble(Double::doubleValue).toArray(),
        Duration.between(first, last).toNanos() / 1e9);
  }

  /// Removes every manifest and waits until nothing of the pods is left; seconds until the last
  /// container but the sandboxes was gone.
  double removeAll() throws IOException, InterruptedException {
    List<String> names = new ArrayList<>();
    Instant begin = Instant.now();
    try (var files = Files.newDirectoryStream(manifests, "jbench-*.json")) {
      for (Path file : files) {
        names.add(file.getFileName().toString().replace(".json", ""));
        Files.delete(file);
      }
    }
    await(names, name -> find(destroyed, name).isPresent(), "removed");
    double seconds = Duration.between(begin, Instant.now()).toNanos() / 1e9;
    await(names, name -> find(sandboxesGone, name).isPresent(), "removed with its sandbox");
    List.of(started, starts, destroyed, sandboxesGone).forEach(Map::clear);
    return seconds;
  }

  private static <T> Optional<T> find(Map<String, T> seen, String name) {
    return seen.entrySet().stream()
        .filter(e -> e.getKey().equals(name) || e.getKey().startsWith(name + "-"))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static void await(Iterable<String> names, Predicate<String> seen, String what)
      throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (String name : names) {
      while (!seen.test(name)) {
        if (System.nanoTime() > end) {
          throw new IllegalStateException(
              "pod %s was not %s within %d s".formatted(name, what, PATIENCE.toSeconds()));
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }

  private String manifest(String name, String script) {
    return """
    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s","namespace":"default"},"spec":{
     "terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":"%s",
     "imagePullPolicy":"IfNotPresent","command":["/bin/sh","-c","%s"]}]}}
    """.formatted(name, image, script);
  }

  @Override
  public void close() {
    watcher.interrupt();
  }
}
