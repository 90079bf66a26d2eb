package dev.jubelet.it;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The tests' engine, looked at with the docker client: what a person would see.
public final class Docker {
  private Docker() {}

  public static String docker(String... args) throws IOException, InterruptedException {
    return attempt(args).ok().out().strip();
  }

  public static Ran attempt(String... args) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("docker", "-H", "unix://" + Engine.socket()));
    words.addAll(List.of(args));
    return Ran.run(words.toArray(String[]::new));
  }

  /// Ids of all containers (sandboxes too) of pods of that name, running or not.
  public static List<String> ofPod(String pod) throws IOException, InterruptedException {
    return lines(
        docker("ps", "-aq", "--no-trunc", "--filter", "label=io.kubernetes.pod.name=" + pod));
  }

  /// Ids of the running containers with that container name (`POD` for sandboxes).
  public static List<String> running(String pod, String container)
      throws IOException, InterruptedException {
    return lines(docker(
        "ps",
        "-q",
        "--no-trunc",
        "--filter",
        "label=io.kubernetes.pod.name=" + pod,
        "--filter",
        "label=io.kubernetes.container.name=" + container));
  }

  public static String inspect(String id, String template)
      throws IOException, InterruptedException {
    return docker("inspect", "--format", template, id);
  }

  private static List<String> lines(String text) {
    return text.lines().filter(line -> !line.isBlank()).toList();
  }
}
