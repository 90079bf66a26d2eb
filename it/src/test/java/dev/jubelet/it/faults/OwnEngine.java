package dev.jubelet.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.it.Background;
import dev.jubelet.it.Engine;
import dev.jubelet.it.Jubelet;
import dev.jubelet.it.Node;
import dev.jubelet.it.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A dockerd of a test's own beside the suite's, on a bridge of its own, to be stopped, hung and
/// killed. It has the test image.
final class OwnEngine implements AutoCloseable {
  static final String IMAGE = "jubelet/busybox:1";
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration SOON = Duration.ofMinutes(2);

  private final Path dir;
  private final String bridge;
  private final List<String> options;
  private Path program = Engine.dockerd();
  private Optional<Background> dockerd = Optional.empty();

  /// Starts it.
  ///
  /// @param number of its subnet, 172.27.`number`.0/24
  OwnEngine(String name, int number, String... options) throws Exception {
    dir = Files.createDirectories(Engine.work().resolve("engine-" + name));
    bridge = "flt" + number;
    this.options = List.of(options);
    Ran.run("ip", "link", "add", bridge, "type", "bridge").ok();
    Ran.run("ip", "addr", "add", "172.27." + number + ".1/24", "dev", bridge).ok();
    Ran.run("ip", "link", "set", bridge, "up").ok();
    start();
    Ran.run(Engine.top().resolve("bin/make-busybox").toString(), "unix://" + socket(), IMAGE)
        .ok();
  }

  Path socket() {
    return dir.resolve("docker.sock");
  }

  Path dir() {
    return dir;
  }

  /// Returns when it answers.
  void start() throws IOException {
    List<String> command = new ArrayList<>(List.of(
        program.toString(),
        "--data-root=" + dir.resolve("data"),
        "--exec-root=" + dir.resolve("exec"),
        "--host=unix://" + socket(),
        "--pidfile=" + dir.resolve("dockerd.pid"),
        "--bridge=" + bridge,
        "--iptables=false"));
    command.addAll(options);
    // Its containerd and runc are beside it.
    String path = program.getParent() + ":" + System.getenv("PATH");
    Background started = Background.start("dockerd-" + bridge, Map.of("PATH", path), command);
    dockerd = Optional.of(started);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(attempt("version").exitCode()).as("%s", started).isZero());
  }

  /// SIGTERM, and its end.
  void stop() {
    dockerd.ifPresent(Background::close);
    dockerd = Optional.empty();
  }

  /// Ends, and another dockerd takes over what it left.
  void upgrade(Path newer) throws IOException {
    stop();
    program = newer;
    start();
  }

  /// kill -9 of dockerd alone: its containerd dies with it, its containers' shims live on. Returns
  /// when both are gone: a dockerd that starts before takes the dying containerd for its own.
  void kill9() throws IOException, InterruptedException {
    Path containerd = Path.of("/proc", pid("exec/containerd/containerd.pid"));
    signal("KILL");
    await()
        .atMost(PATIENCE)
        .until(() -> !dockerd.orElseThrow().alive() && !Files.exists(containerd));
  }

  /// Stops answering, keeps every connection.
  void hang() throws IOException, InterruptedException {
    signal("STOP");
  }

  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    Ran.run("kill", "-" + name, pid("dockerd.pid")).ok();
  }

  private String pid(String file) throws IOException {
    return Files.readString(dir.resolve(file)).strip();
  }

  String docker(String... args) throws IOException, InterruptedException {
    return attempt(args).ok().out().strip();
  }

  Ran attempt(String... args) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("docker", "-H", "unix://" + socket()));
    words.addAll(List.of(args));
    return Ran.run(words.toArray(String[]::new));
  }

  String inspect(String id, String template) throws IOException, InterruptedException {
    return docker("inspect", "--format", template, id);
  }

  /// Ids of the running containers of that name (`POD` for sandboxes) in all pods.
  List<String> running(String container) throws IOException, InterruptedException {
    return ids("ps", "-q", "--no-trunc", "--filter", label("container", container));
  }

  List<String> running(String pod, String container) throws IOException, InterruptedException {
    return ids(
        "ps",
        "-q",
        "--no-trunc",
        "--filter",
        label("pod", pod),
        "--filter",
        label("container", container));
  }

  /// Everything of that pod, running or not.
  List<String> ofPod(String pod) throws IOException, InterruptedException {
    return ids("ps", "-aq", "--no-trunc", "--filter", label("pod", pod));
  }

  private static String label(String kind, String name) {
    return "label=io.kubernetes." + kind + ".name=" + name;
  }

  private List<String> ids(String... args) throws IOException, InterruptedException {
    return docker(args).lines().filter(line -> !line.isBlank()).toList();
  }

  /// Of each running container when it was started: what a restart would change.
  Map<String, String> started() throws IOException, InterruptedException {
    Map<String, String> all = new TreeMap<>();
    List<String> ids = ids("ps", "-q", "--no-trunc");
    if (ids.isEmpty()) {
      return all;
    }
    List<String> words =
        new ArrayList<>(List.of("inspect", "--format", "{{.Name}} {{.Id}} {{.State.StartedAt}}"));
    words.addAll(ids);
    for (String line : docker(words.toArray(String[]::new)).lines().toList()) {
      String[] parts = line.split(" ", 2);
      all.put(parts[0], parts[1]);
    }
    return all;
  }

  /// So many pods run, each with one sandbox and one container `main`.
  void awaitPods(int pods, Jubelet agent) {
    await().atMost(SOON).untilAsserted(() -> {
      assertThat(running("main")).as("%s\n%s", agent, this).hasSize(pods);
      assertThat(running("POD")).as("%s", agent).hasSize(pods);
    });
  }

  /// The container `main` of that pod runs again, as another one than `than`.
  void awaitAnother(String pod, String than, Jubelet agent) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(running(pod, "main")).as("%s", agent).hasSize(1).doesNotContain(than));
  }

  /// No container is left here, and of no pod anything at the node.
  void awaitNothing(Node node, Jubelet agent) {
    await().atMost(SOON).untilAsserted(() -> {
      assertThat(docker("ps", "-aq")).as("%s", agent).isEmpty();
      assertThat(node.leases()).as("%s", agent).isEmpty();
      assertThat(Pods.directories(node)).as("%s", agent).isEmpty();
    });
  }

  /// Each running container `main` has been restarted so often.
  void assertRestarts(int restarts) throws IOException, InterruptedException {
    for (String id : running("main")) {
      assertThat(inspect(
              id, "{{index .Config.Labels \"annotation.io.kubernetes.container.restartCount\"}}"))
          .isEqualTo(Integer.toString(restarts));
    }
  }

  /// Ends it and everything that it started, in whatever state it is.
  @Override
  public void close() throws IOException {
    try {
      end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while ending " + dir, e);
    }
  }

  private void end() throws IOException, InterruptedException {
    if (dockerd.filter(Background::alive).isPresent()) {
      resume();
      List<String> all = ids("ps", "-aq");
      if (!all.isEmpty()) {
        List<String> words = new ArrayList<>(List.of("rm", "-f"));
        words.addAll(all);
        attempt(words.toArray(String[]::new));
      }
    }
    stop();
    List<ProcessHandle> left = ProcessHandle.allProcesses()
        .filter(process -> commandLine(process).contains(dir.resolve("exec").toString()))
        .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
        .distinct()
        .toList();
    left.forEach(ProcessHandle::destroyForcibly);
    await().atMost(PATIENCE).until(() -> left.stream().noneMatch(OwnEngine::runs));
    for (String point : mountsBelow(dir)) {
      Ran.run("umount", "-l", point).ok();
    }
    Ran.run("ip", "link", "del", bridge).ok();
  }

  private static List<String> mountsBelow(Path top) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .map(line -> line.split(" ")[4])
        .filter(point -> point.startsWith(top + "/"))
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  private static boolean runs(ProcessHandle process) {
    return process.isAlive() && !commandLine(process).isEmpty();
  }

  /// Empty of one that is gone or a zombie.
  private static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public String toString() {
    return dockerd.map(Background::log).orElse("dockerd is stopped");
  }
}
