package dev.jubelet.dockershim.docker;

import dev.jubelet.dockershim.docker.EngineWire.Opened;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The Engine API over the engine's unix socket. Nothing is sent before the first call, so an
/// engine may be absent at start, and be another version after it was away.
public final class HttpDockerApi implements DockerApi {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,511}");
  private static final List<String> EVENTS = List.of(
      "create",
      "start",
      "die",
      "destroy",
      "oom",
      "update",
      "rename",
      "pause",
      "unpause",
      "pull",
      "tag",
      "untag",
      "delete",
      "load",
      "import",
      "disconnect");

  private final EngineWire wire;
  private final Pulls pulls;
  private final Duration timeout;

  public HttpDockerApi(Path socket, DockerApiOptions options) {
    this.wire = new EngineWire(socket, options);
    this.pulls = new Pulls(wire);
    this.timeout = options.requestTimeout();
  }

  @Override
  public EngineVersion version() throws DockerException {
    JsonNode answer = get("version", "/version");
    return EngineJson.version(answer, wire.apiVersion("version"));
  }

  @Override
  public EngineInfo info() throws DockerException {
    return EngineJson.info(get("info", "/info"));
  }

  @Override
  public String createContainer(String name, CreateContainer request) throws DockerException {
    byte[] body = CreateBody.create(request, wire.apiVersion("create_container"));
    String path = "/containers/create?name=" + Request.encode(name);
    JsonNode answer = post("create_container", path, body);
    return created("create_container", answer);
  }

  @Override
  public void startContainer(String id) throws DockerException {
    act("start_container", container("start_container", id) + "/start", timeout);
  }

  @Override
  public void stopContainer(String id, Duration grace) throws DockerException {
    long seconds = Math.max(0, grace.plusMillis(999).toSeconds());
    String path = container("stop_container", id) + "/stop?t=" + seconds;
    act("stop_container", path, timeout.plusSeconds(seconds));
  }

  @Override
  public void killContainer(String id, String signal) throws DockerException {
    String path = container("kill_container", id) + "/kill?signal=" + Request.encode(signal);
    act("kill_container", path, timeout);
  }

  @Override
  public void removeContainer(String id, boolean force) throws DockerException {
    String path = container("remove_container", id) + "?v=1" + (force ? "&force=1" : "");
    wire.call(Request.delete("remove_container", path, timeout));
  }

  @Override
  public void updateContainer(String id, Resources resources) throws DockerException {
    String path = container("update_container", id) + "/update";
    post("update_container", path, CreateBody.update(resources));
  }

  @Override
  public ContainerInspect inspectContainer(String id) throws DockerException {
    String path = container("inspect_container", id) + "/json";
    return ContainerJson.inspect(get("inspect_container", path));
  }

  @Override
  public List<ContainerSummary> listContainers(List<String> labels) throws DockerException {
    String query = labels.isEmpty() ? "" : "&filters=" + filter("label", labels);
    return ContainerJson.summaries(get("list_containers", "/containers/json?all=1" + query));
  }

  @Override
  public String createExec(String containerId, List<String> command, boolean stdin, boolean tty)
      throws DockerException {
    ObjectNode body = Json.MAPPER
        .createObjectNode()
        .put("AttachStdin", stdin)
        .put("AttachStdout", true)
        .put("AttachStderr", true)
        .put("Tty", tty);
    ArrayNode argv = body.putArray("Cmd");
    command.forEach(argv::add);
    String path = container("create_exec", containerId) + "/exec";
    return created("create_exec", post("create_exec", path, Json.MAPPER.writeValueAsBytes(body)));
  }

  @Override
  public ExecStreams startExec(String execId, boolean tty) throws DockerException {
    ObjectNode body = Json.MAPPER.createObjectNode().put("Detach", false).put("Tty", tty);
    byte[] bytes = Json.MAPPER.writeValueAsBytes(body);
    Request request = Request.post(
            "start_exec", exec("start_exec", execId) + "/start", bytes, timeout)
        .with("Connection", "Upgrade")
        .with("Upgrade", "tcp");
    Opened opened = wire.open(request);
    opened.watch.close();
    return new HijackedExec(opened, tty);
  }

  @Override
  public ExecInspect inspectExec(String execId) throws DockerException {
    JsonNode node = get("inspect_exec", exec("inspect_exec", execId) + "/json");
    return new ExecInspect(
        Json.flag(node, "Running"), (int) Json.number(node, "ExitCode"), Json.number(node, "Pid"));
  }

  @Override
  public List<ImageSummary> listImages(Optional<String> reference, boolean sharedSize)
      throws DockerException {
    String query = "?shared-size=" + (sharedSize ? 1 : 0);
    if (reference.isPresent()) {
      query += "&filters=" + filter("reference", List.of(reference.get()));
    }
    return ImageJson.summaries(get("list_images", "/images/json" + query));
  }

  @Override
  public Optional<ImageInspect> inspectImage(String reference) throws DockerException {
    String path = image("inspect_image", reference) + "/json";
    try {
      return Optional.of(ImageJson.inspect(
          wire.call(Request.get("inspect_image", path, timeout)).body()));
    } catch (DockerException e) {
      if (e.isNotFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public void pullImage(
      String reference, Optional<RegistryAuth> auth, Duration idle, Consumer<PullProgress> progress)
      throws DockerException, InterruptedException {
    pulls.pull(reference, auth, idle, progress);
  }

  @Override
  public void removeImage(String reference, boolean force) throws DockerException {
    String path = image("remove_image", reference) + (force ? "?force=1" : "");
    wire.call(Request.delete("remove_image", path, timeout));
  }

  @Override
  public void loadImage(InputStream tar) throws DockerException {
    Request request = Request.post("load_image", "/images/load?quiet=1", null, timeout)
        .with("Content-Type", "application/x-tar")
        .with("Transfer-Encoding", "chunked");
    try (Opened opened = wire.open(request, tar)) {
      try {
        JsonLines lines = new JsonLines(opened.body());
        for (@Nullable JsonNode line = lines.next(); line != null; line = lines.next()) {
          String error = Json.text(line, "error");
          if (!error.isEmpty()) {
            throw new DockerException("load_image", 500, error, false);
          }
        }
      } catch (IOException e) {
        throw opened.failed(e);
      }
    }
  }

  @Override
  public void tagImage(String image, String repository, String tag) throws DockerException {
    String path = image("tag_image", image) + "/tag?repo=" + Request.encode(repository) + "&tag="
        + Request.encode(tag);
    act("tag_image", path, timeout);
  }

  @Override
  public void events(Instant since, Runnable connected, Consumer<EngineEvent> sink)
      throws DockerException, InterruptedException {
    ObjectNode filters = Json.MAPPER.createObjectNode();
    filters.putArray("type").add("container").add("image").add("network");
    ArrayNode actions = filters.putArray("event");
    EVENTS.forEach(actions::add);
    String path =
        "/events?since=" + seconds(since) + "&filters=" + Request.encode(filters.toString());
    stream(Request.get("events", path, timeout), opened -> {
      connected.run();
      JsonLines lines = new JsonLines(opened.body());
      for (@Nullable JsonNode line = lines.next(); line != null; line = lines.next()) {
        sink.accept(EngineJson.event(line));
      }
      throw new java.io.EOFException("the engine ended the stream of events");
    });
  }

  @Override
  public void logs(String id, Instant since, boolean follow, LogSink sink)
      throws DockerException, InterruptedException {
    boolean typed = wire.apiVersion("logs").atLeast(ApiVersion.STREAM_TYPES);
    boolean tty = !typed && inspectContainer(id).tty();
    String path = container("logs", id) + "/logs?stdout=1&stderr=1&timestamps=1&since="
        + seconds(since) + "&follow=" + (follow ? 1 : 0);
    stream(Request.get("logs", path, timeout), opened -> {
      if (tty || (typed && opened.head.has("content-type", "raw-stream"))) {
        Frames.lines(opened.body(), sink);
      } else {
        Frames.records(opened.body(), sink);
      }
    });
  }

  @Override
  public void close() {
    wire.close();
  }

  /// An answer without an end: its deadline covers the head only.
  private void stream(Request request, StreamBody body)
      throws DockerException, InterruptedException {
    try (Opened opened = wire.open(request)) {
      opened.watch.close();
      try {
        body.read(opened);
      } catch (IOException e) {
        throw opened.failed(e);
      }
    } catch (DockerException e) {
      if (e.getCause() instanceof ClosedByInterruptException) {
        Thread.interrupted();
        throw new InterruptedException(e.getMessage());
      }
      throw e;
    }
  }

  private JsonNode get(String operation, String path) throws DockerException {
    return Json.parse(
        operation, wire.call(Request.get(operation, path, timeout)).body());
  }

  private JsonNode post(String operation, String path, byte[] body) throws DockerException {
    return Json.parse(
        operation, wire.call(Request.post(operation, path, body, timeout)).body());
  }

  private void act(String operation, String path, Duration atMost) throws DockerException {
    wire.call(Request.post(operation, path, null, atMost));
  }

  private static String created(String operation, JsonNode answer) throws DockerException {
    String id = Json.text(answer, "Id");
    if (id.isEmpty()) {
      throw new DockerException(operation, 502, "the engine's answer has no Id", false);
    }
    return id;
  }

  /// What cannot be an id is not asked for: the engine would redirect or mean something else.
  private static String container(String operation, String id) throws DockerException {
    if (!ID.matcher(id).matches()) {
      throw new DockerException(operation, 404, "No such container: " + Request.encode(id), false);
    }
    return "/containers/" + id;
  }

  private static String exec(String operation, String id) throws DockerException {
    if (!ID.matcher(id).matches()) {
      String text = "No such exec instance: " + Request.encode(id);
      throw new DockerException(operation, 404, text, false);
    }
    return "/exec/" + id;
  }

  private static String image(String operation, String reference) throws DockerException {
    return "/images/" + ImageReference.checked(operation, reference);
  }

  private static String filter(String key, Collection<String> values) {
    ObjectNode filters = Json.MAPPER.createObjectNode();
    ArrayNode array = filters.putArray(key);
    values.forEach(array::add);
    return Request.encode(filters.toString());
  }

  private static String seconds(Instant time) {
    return String.format("%d.%09d", Math.max(0, time.getEpochSecond()), time.getNano());
  }

  private interface StreamBody {
    void read(Opened opened) throws IOException, DockerException;
  }
}
