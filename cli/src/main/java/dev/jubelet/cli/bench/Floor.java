package dev.jubelet.cli.bench;

import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.CreateContainer;
import dev.jubelet.dockershim.docker.DockerApi.HostConfig;
import dev.jubelet.dockershim.docker.DockerException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// The floor under a burst of pods on this machine: the raw calls that a pod of one container needs
/// (create, start, inspect the sandbox, CNI ADD,
/// create, start the container), some pods at a time, with nothing around them.
final class Floor {
  private final DockerApi docker;
  private final BenchNetwork network;
  private final String pauseImage;
  private final String image;

  Floor(DockerApi docker, BenchNetwork network, String pauseImage, String image) {
    this.docker = docker;
    this.network = network;
    this.pauseImage = pauseImage;
    this.image = image;
  }

  /// The fastest of 2, 4 and 8 pods at a time; of a single pod, that pod.
  Figures best(int pods) throws Exception {
    Figures best = null;
    for (int parallel : pods == 1 ? new int[] {1} : new int[] {2, 4, 8}) {
      Figures figures = burst(pods, parallel);
      System.out.printf("  floor, %d at a time: %.2f s%n", parallel, figures.wallSeconds());
      if (best == null || figures.wallSeconds() < best.wallSeconds()) {
        best = figures;
      }
    }
    return java.util.Objects.requireNonNull(best);
  }

  private Figures burst(int pods, int parallel) throws Exception {
    List<Started> started = new ArrayList<>();
    long begin = System.nanoTime();
    double wall;
    try (ExecutorService threads = Executors.newFixedThreadPool(parallel)) {
      List<Callable<Started>> work = new ArrayList<>();
      for (int k = 0; k < pods; k++) {
        int pod = k;
        work.add(() -> start(pod));
      }
      for (Future<Started> future : threads.invokeAll(work)) {
        started.add(future.get());
      }
      wall = (System.nanoTime() - begin) / 1e9;
      List<Callable<Void>> removal = new ArrayList<>();
      for (Started pod : started) {
        removal.add(() -> remove(pod));
      }
      for (Future<Void> future : threads.invokeAll(removal)) {
        future.get();
      }
    } catch (ExecutionException e) {
      for (Started pod : started) {
        remove(pod);
      }
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
    return new Figures(started.stream().mapToDouble(Started::seconds).toArray(), wall);
  }

  private Started start(int pod) throws Exception {
    long begin = System.nanoTime();
    String sandbox = docker.createContainer(
        "jbench_sandbox_" + pod, request(pauseImage, null, "none", "shareable"));
    docker.startContainer(sandbox);
    long pid = docker.inspectContainer(sandbox).pid();
    network.run("ADD", sandbox, pid);
    String joined = "container:" + sandbox;
    String container = docker.createContainer(
        "jbench_app_" + pod, request(image, List.of("/bin/sleep", "100000"), joined, joined));
    docker.startContainer(container);
    return new Started(sandbox, container, pid, (System.nanoTime() - begin) / 1e9);
  }

  private @Nullable Void remove(Started pod)
      throws DockerException, IOException, InterruptedException {
    network.run("DEL", pod.sandbox(), pod.pid());
    docker.removeContainer(pod.container(), true);
    docker.removeContainer(pod.sandbox(), true);
    return null;
  }

  private static CreateContainer request(
      String image, @Nullable List<String> command, String networkMode, String ipcMode) {
    HostConfig host = new HostConfig(
        networkMode,
        ipcMode,
        null,
        null,
        "private",
        null,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        false,
        false,
        null,
        null,
        0,
        DockerApi.Resources.NONE,
        List.of(),
        0,
        "json-file",
        Map.of(),
        null);
    return new CreateContainer(
        image,
        null,
        null,
        null,
        List.of(),
        null,
        command,
        null,
        false,
        false,
        false,
        null,
        Map.of("dev.jubelet.bench", "floor"),
        host);
  }

  private record Started(String sandbox, String container, long pid, double seconds) {}
}
