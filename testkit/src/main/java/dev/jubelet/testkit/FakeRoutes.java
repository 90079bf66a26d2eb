package dev.jubelet.testkit;

import dev.jubelet.testkit.FakeDocker.Answer;
import dev.jubelet.testkit.FakeDocker.Call;
import dev.jubelet.testkit.FakeEngine.FakeExec;
import dev.jubelet.testkit.FakeEngine.FakeImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The Engine API's paths as [FakeDocker] knows them. Answers like an engine, for what the tests
/// need.
final class FakeRoutes {
  private static final Pattern CONTAINER = Pattern.compile("/containers/([^/]+)(/[a-z]+)?");
  private static final Pattern EXEC = Pattern.compile("/exec/([^/]+)/(start|json)");
  private static final Pattern IMAGE = Pattern.compile("/images/(.+?)(/json|/tag)?");

  private final FakeEngine engine;

  FakeRoutes(FakeEngine engine) {
    this.engine = engine;
  }

  /// Whether the connection may serve another request.
  boolean answer(Call call, InputStream in, OutputStream out)
      throws IOException, InterruptedException {
    Matcher exec = EXEC.matcher(call.path());
    if (call.path().equals("/events")) {
      events(call, out);
      return false;
    }
    if (call.text().equals("POST /images/create")) {
      pull(call, out);
      return false;
    }
    if (exec.matches() && exec.group(2).equals("start")) {
      runExec(exec.group(1), in, out);
      return false;
    }
    whole(call).write(out, engine.apiVersion());
    return true;
  }

  private Answer whole(Call call) {
    Matcher exec = EXEC.matcher(call.path());
    Matcher container = CONTAINER.matcher(call.path());
    Matcher image = IMAGE.matcher(call.path());
    return switch (call.path()) {
      case "/_ping" -> new Answer(200, "OK");
      case "/version" ->
        Answer.ok(Map.of(
            "Version",
            "fake",
            "ApiVersion",
            engine.apiVersion(),
            "MinAPIVersion",
            "1.12",
            "Os",
            "linux",
            "Arch",
            "amd64",
            "KernelVersion",
            "6.1"));
      case "/info" -> Answer.ok(info());
      case "/containers/json" -> list(call);
      case "/containers/create" -> create(call);
      case "/images/json" ->
        Answer.ok(engine.images().values().stream().map(this::image).toList());
      case "/images/load" -> new Answer(200, "{\"stream\":\"Loaded\"}\n");
      default -> {
        if (exec.matches()) {
          yield inspectExec(exec.group(1));
        }
        if (container.matches()) {
          yield container(call, container.group(1), container.group(2));
        }
        yield image.matches()
            ? image(call, image.group(1), image.group(2))
            : Answer.error(404, "page not found");
      }
    };
  }

  private Map<String, Object> info() {
    Map<String, Object> info = new LinkedHashMap<>();
    info.put("ID", "FAKE");
    info.put("DockerRootDir", engine.rootDirectory());
    info.put("CgroupDriver", "cgroupfs");
    info.put("CgroupVersion", "2");
    info.put("Driver", "overlayfs");
    info.put("DriverStatus", List.of(List.of("driver-type", "io.containerd.snapshotter.v1")));
    info.put("LoggingDriver", "json-file");
    info.put("LiveRestoreEnabled", true);
    info.put("Runtimes", Map.of("runc", Map.of(), "crun", Map.of()));
    info.put("DefaultRuntime", "runc");
    info.put("SecurityOptions", List.of("name=seccomp,profile=default"));
    info.put("NCPU", 2);
    info.put("MemTotal", 1024);
    info.put("Name", "fake");
    return info;
  }

  private Answer list(Call call) {
    JsonNode filters = FakeEngine.JSON.readTree(call.query().getOrDefault("filters", "{}"));
    List<Object> found = new ArrayList<>();
    for (FakeContainer container : engine.containers()) {
      boolean all = true;
      for (JsonNode label : filters.path("label")) {
        String[] pair = label.stringValue().split("=", 2);
        String value = container.labels.get(pair[0]);
        all &= value != null && (pair.length == 1 || pair[1].equals(value));
      }
      if (all) {
        found.add(container.summary());
      }
    }
    return Answer.ok(found);
  }

  private Answer create(Call call) {
    ObjectNode body = (ObjectNode) FakeEngine.JSON.readTree(call.body());
    String name = call.query().getOrDefault("name", "");
    Optional<FakeContainer> namesake =
        engine.containers().stream().filter(c -> c.name.equals(name)).findFirst();
    if (namesake.isPresent()) {
      return Answer.error(
          409,
          "Conflict. The container name \"/" + name + "\" is already in use by container \""
              + namesake.get().id + "\". You have to remove (or rename) that container to be able"
              + " to reuse that name.");
    }
    String image = body.path("Image").asString("");
    Optional<FakeImage> base = engine.images().values().stream()
        .filter(i -> i.reference().equals(image) || i.id().equals(image))
        .findFirst();
    if (base.isEmpty()) {
      return Answer.error(404, "No such image: " + image);
    }
    Map<String, String> labels = new LinkedHashMap<>(base.get().labels());
    body.path("Labels")
        .properties()
        .forEach(e -> labels.put(e.getKey(), e.getValue().asString()));
    FakeContainer made = engine.create(name, image, labels);
    made.hostConfig(body.withObject("/HostConfig"));
    return new Answer(201, "{\"Id\":\"" + made.id + "\",\"Warnings\":[]}");
  }

  private Answer container(Call call, String id, @Nullable String verb) {
    Optional<FakeContainer> found = engine.container(id);
    if (found.isEmpty()) {
      return Answer.error(404, "No such container: " + id);
    }
    FakeContainer container = found.get();
    if (verb == null) {
      return remove(call, container);
    }
    return switch (verb) {
      case "/json" -> Answer.ok(container.inspect());
      case "/start" -> {
        boolean already = container.running();
        if (!already) {
          engine.start(container.id);
        }
        yield Answer.empty(already ? 304 : 204);
      }
      case "/stop", "/kill" -> {
        boolean was = container.running();
        if (was) {
          engine.die(container.id, 137);
        }
        yield Answer.empty(was ? 204 : 304);
      }
      case "/update" -> Answer.ok(Map.of("Warnings", List.of()));
      case "/exec" -> createExec(call, container);
      default -> Answer.error(404, "page not found");
    };
  }

  private Answer remove(Call call, FakeContainer container) {
    if (container.running() && !call.query().containsKey("force")) {
      return Answer.error(
          409,
          "You cannot remove a running container " + container.id
              + ". Stop the container before attempting removal or force remove");
    }
    engine.remove(container.id);
    return Answer.empty(204);
  }

  private Answer createExec(Call call, FakeContainer container) {
    if (!container.running()) {
      return Answer.error(409, "Container " + container.id + " is not running");
    }
    JsonNode body = FakeEngine.JSON.readTree(call.body());
    List<String> command = new ArrayList<>();
    body.path("Cmd").forEach(word -> command.add(word.asString()));
    String id = engine.newId();
    engine.execs().put(id, new FakeExec(container.id, command, body.path("Tty").asBoolean(false)));
    return new Answer(201, "{\"Id\":\"" + id + "\"}");
  }

  private Answer inspectExec(String id) {
    FakeExec exec = engine.execs().get(id);
    return exec == null
        ? Answer.error(404, "No such exec instance: " + id)
        : Answer.ok(Map.of("Running", exec.running, "ExitCode", exec.exitCode, "Pid", exec.pid));
  }

  /// `cat` gives back what it reads; `false` exits with 1; anything else prints its words on stdout
  /// and `done` on stderr.
  private void runExec(String id, InputStream in, OutputStream out) throws IOException {
    FakeExec exec = engine.execs().get(id);
    if (exec == null) {
      Answer.error(404, "No such exec instance: " + id).write(out, engine.apiVersion());
      return;
    }
    exec.pid = engine.nextPid();
    exec.running = true;
    out.write(ascii("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"));
    if (exec.command.equals(List.of("cat"))) {
      frame(out, exec, 1, in.readAllBytes());
    } else {
      frame(out, exec, 1, ascii(String.join(" ", exec.command) + "\n"));
      frame(out, exec, 2, ascii("done\n"));
    }
    exec.exitCode = exec.command.equals(List.of("false")) ? 1 : 0;
    exec.running = false;
    out.flush();
  }

  private static void frame(OutputStream out, FakeExec exec, int stream, byte[] bytes)
      throws IOException {
    if (!exec.tty) {
      int n = bytes.length;
      out.write(new byte[] {
        (byte) stream, 0, 0, 0, (byte) (n >> 24), (byte) (n >> 16), (byte) (n >> 8), (byte) n
      });
    }
    out.write(bytes);
  }

  private Map<String, Object> image(FakeImage image) {
    return Map.of(
        "Id", image.id(),
        "RepoTags", List.of(image.reference()),
        "RepoDigests", List.of("<none>@<none>"),
        "Size", 1000,
        "SharedSize", -1,
        "Labels", image.labels(),
        "Config", Map.of("User", "1002:5", "Labels", image.labels(), "Cmd", List.of("sh")));
  }

  private Answer image(Call call, String reference, @Nullable String verb) {
    List<FakeImage> found = engine.images().values().stream()
        .filter(i -> i.reference().equals(reference)
            || i.reference().equals(reference + ":latest")
            || i.id().equals(reference))
        .toList();
    if (found.isEmpty()) {
      return Answer.error(404, "No such image: " + reference);
    }
    if (call.method().equals("DELETE")) {
      found.forEach(image -> engine.images().remove(image.reference()));
      return Answer.ok(List.of(Map.of("Deleted", reference)));
    }
    if ("/tag".equals(verb)) {
      String tagged = call.query().get("repo") + ":" + call.query().get("tag");
      engine.addImage(tagged, found.getFirst().id(), found.getFirst().labels());
      return Answer.empty(201);
    }
    return Answer.ok(image(found.getFirst()));
  }

  private void pull(Call call, OutputStream out) throws IOException {
    String reference = call.query().get("fromImage") + ":" + call.query().get("tag");
    FakeImage image = engine.registry().get(reference);
    if (image == null) {
      Answer.error(404, "pull access denied for " + reference + ", repository does not exist")
          .write(out, engine.apiVersion());
      return;
    }
    stream(out);
    line(out, "{\"status\":\"Pulling fs layer\",\"progressDetail\":{},\"id\":\"a1\"}");
    line(
        out,
        "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":5,\"total\":10},"
            + "\"id\":\"a1\"}");
    line(out, "{\"status\":\"Extracting\",\"progressDetail\":{},\"id\":\"a1\"}");
    line(out, "{\"status\":\"Pull complete\",\"progressDetail\":{},\"id\":\"a1\"}");
    engine.images().put(reference, image);
    out.write(ascii("0\r\n\r\n"));
    out.flush();
  }

  private void events(Call call, OutputStream out) throws IOException, InterruptedException {
    double since = Double.parseDouble(call.query().getOrDefault("since", "0"));
    BlockingQueue<String> stream = engine.subscribe(Instant.ofEpochMilli((long) (since * 1000)));
    try {
      stream(out);
      for (String event = stream.take(); !event.isEmpty(); event = stream.take()) {
        line(out, event);
      }
    } finally {
      engine.unsubscribe(stream);
    }
  }

  private void stream(OutputStream out) throws IOException {
    out.write(ascii("HTTP/1.1 200 OK\r\nApi-Version: " + engine.apiVersion()
        + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"));
    out.flush();
  }

  private static void line(OutputStream out, String json) throws IOException {
    byte[] bytes = (json + "\r\n").getBytes(StandardCharsets.UTF_8);
    out.write(ascii(Integer.toHexString(bytes.length) + "\r\n"));
    out.write(bytes);
    out.write(ascii("\r\n"));
    out.flush();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
