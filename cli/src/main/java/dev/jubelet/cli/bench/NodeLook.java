package dev.jubelet.cli.bench;

import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.network.NetworkException;
import dev.jubelet.dockershim.network.NetworkSurvey;
import dev.jubelet.linux.MountEntry;
import dev.jubelet.linux.Mounts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Looks at an agent and what it made, from outside.
///
/// @param metricsPort where it answers `/metrics` on this machine
/// @param work below which all of its directories are
record NodeLook(DockerApi docker, AgentProcess agent, int metricsPort, Path work) {
  static final String SERIES = "metrics series";

  /// A platform thread that carries virtual ones, as its name is cut in `/proc`.
  static final String CARRIER = "ForkJoinPool-#-";

  static final String VIRTUAL_THREAD = "java.lang.VirtualThread";
  private static final List<String> NOT_PODS = List.of("node.log", "config.yaml");

  /// @param heap of the agent, just now
  Inventory now(HeapHistogram heap) throws IOException, InterruptedException {
    Map<String, Map<String, Long>> kinds = new TreeMap<>();
    kinds.put("file descriptor", counted(descriptors().stream()));
    kinds.put("thread", counted(threads().stream()));
    kinds.put("virtual thread", Map.of(VIRTUAL_THREAD, heap.instances(VIRTUAL_THREAD)));
    kinds.put("container", counted(containers().stream()));
    kinds.put("packet filter rule", counted(rules().stream()));
    kinds.put("mount", counted(Mounts.table().stream().map(m -> m.target().toString())));
    kinds.put("network namespace", counted(namespaces().stream()));
    kinds.put("network interface", counted(interfaces().stream()));
    kinds.put("file", counted(files().stream()));
    kinds.put(SERIES, counted(series().stream()));
    return new Inventory(kinds);
  }

  private static Map<String, Long> counted(Stream<String> names) {
    return names.collect(Collectors.groupingBy(name -> name, Collectors.counting()));
  }

  /// Sockets, pipes and the like have numbers that say nothing.
  private List<String> descriptors() throws IOException {
    return targets(process("fd")).stream()
        .map(name -> name.replaceFirst(":\\[\\d+\\]$", ""))
        .filter(name -> !name.endsWith(".jar"))
        .toList();
  }

  private Path process(String name) {
    return Path.of("/proc/" + agent.pid(), name);
  }

  private static List<String> targets(Path directory) throws IOException {
    return entries(directory).stream().flatMap(NodeLook::target).toList();
  }

  /// None of what went meanwhile.
  private static Stream<String> target(Path link) {
    try {
      return Stream.of(Files.readSymbolicLink(link).toString());
    } catch (IOException e) {
      return Stream.empty();
    }
  }

  private static List<Path> entries(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /// By name without its number; carriers of virtual threads are among them.
  private List<String> threads() throws IOException {
    return entries(process("task")).stream()
        .flatMap(task -> {
          try {
            return Stream.of(Files.readString(task.resolve("comm")).strip());
          } catch (IOException e) {
            return Stream.empty();
          }
        })
        .map(name -> name.replaceAll("\\d+", "#"))
        .toList();
  }

  private List<String> containers() throws IOException {
    try {
      return docker.listContainers(List.of()).stream()
          .map(c -> c.names().stream().findFirst().orElse("") + " " + c.id())
          .toList();
    } catch (DockerException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static List<String> rules() throws IOException, InterruptedException {
    try {
      return NetworkSurvey.rules().stream().map(Object::toString).toList();
    } catch (NetworkException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /// Those that are mounted here, and those that threads of the agent are in.
  private List<String> namespaces() throws IOException {
    Stream<String> mounted = Mounts.table().stream()
        .filter(mount -> mount.fsType().equals("nsfs"))
        .map(MountEntry::root);
    Stream<String> entered = entries(process("task")).stream()
        .flatMap(task -> target(task.resolve("ns/net")))
        .distinct();
    return Stream.concat(mounted, entered).toList();
  }

  private static List<String> interfaces() throws IOException {
    return Files.readString(Path.of("/proc/self/net/dev"))
        .lines()
        .filter(line -> line.contains(":"))
        .map(line -> line.substring(0, line.indexOf(':')).strip())
        .toList();
  }

  /// Addresses that host-local leased are files too.
  private List<String> files() throws IOException {
    Map<Path, Boolean> found = new HashMap<>();
    Files.walkFileTree(work, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
        found.put(directory, true);
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        found.put(file, false);
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFileFailed(Path file, IOException gone) {
        return FileVisitResult.CONTINUE;
      }
    });
    return found.keySet().stream()
        .map(file -> work.relativize(file).toString())
        .filter(name -> !NOT_PODS.contains(name))
        .toList();
  }

  /// Names with their labels; a histogram counts once, not for each bucket.
  private List<String> series() throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(
              URI.create("http://127.0.0.1:" + metricsPort + "/metrics"))
          .timeout(Duration.ofSeconds(30))
          .build();
      String text = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
      return text.lines()
          .filter(line -> !line.startsWith("#") && !line.contains("_bucket{"))
          .map(line -> line.replaceFirst(" \\S+$", ""))
          .toList();
    }
  }
}
