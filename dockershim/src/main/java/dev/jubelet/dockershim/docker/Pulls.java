package dev.jubelet.dockershim.docker;

import dev.jubelet.dockershim.docker.DockerApi.PullProgress;
import dev.jubelet.dockershim.docker.DockerApi.RegistryAuth;
import dev.jubelet.dockershim.docker.EngineWire.Opened;
import io.grpc.Context;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Image pulls with an idle watchdog. A layer that is being extracted says nothing for long, and
/// one
/// that waits for the engine's few download slots says nothing while another pull has them: neither
/// is a stall.
final class Pulls {
  private static final String OPERATION = "pull_image";
  private static final Duration EXTRACTION = Duration.ofHours(1);
  private static final int MOST_LAYERS = 256;
  private static final int LONGEST_WORD = 200;

  private final EngineWire wire;
  private final Set<Pull> running = ConcurrentHashMap.newKeySet();

  Pulls(EngineWire wire) {
    this.wire = wire;
  }

  void pull(
      String reference, Optional<RegistryAuth> auth, Duration idle, Consumer<PullProgress> progress)
      throws DockerException, InterruptedException {
    ImageReference image = ImageReference.parse(OPERATION, reference);
    String path = "/images/create?fromImage=" + Request.encode(image.name()) + "&tag="
        + Request.encode(image.tagOrDigest());
    Request request = Request.post(OPERATION, path, null, idle);
    if (auth.isPresent()) {
      request = request.with("X-Registry-Auth", header(auth.get()));
    }
    Opened opened;
    try {
      opened = wire.open(request);
    } catch (DockerException e) {
      if (e.getCause() instanceof ClosedByInterruptException) {
        throw interrupted();
      }
      throw e.isTimeout() ? stalled(reference, idle) : e;
    }
    Pull pull = new Pull(opened, reference, idle, progress);
    Context caller = Context.current();
    Context.CancellationListener ended = context -> pull.cancel();
    running.add(pull);
    caller.addListener(ended, Runnable::run);
    try (opened) {
      pull.follow();
    } catch (ClosedByInterruptException e) {
      throw interrupted();
    } catch (IOException e) {
      throw pull.failure(e);
    } finally {
      caller.removeListener(ended);
      running.remove(pull);
    }
  }

  /// The credentials as Docker takes them: JSON in URL-safe base64 with padding.
  static String header(RegistryAuth auth) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    put(json, "username", auth.username());
    put(json, "password", auth.password());
    put(json, "serveraddress", auth.serverAddress());
    put(json, "identitytoken", auth.identityToken());
    put(json, "registrytoken", auth.registryToken());
    return Base64.getUrlEncoder().encodeToString(Json.MAPPER.writeValueAsBytes(json));
  }

  private static void put(ObjectNode json, String field, String value) {
    if (!value.isEmpty()) {
      json.put(field, value);
    }
  }

  private static InterruptedException interrupted() {
    Thread.interrupted();
    return new InterruptedException("the pull was interrupted");
  }

  private static DockerException stalled(String reference, Duration idle) {
    String text = "pulling image " + reference + " made no progress for " + idle.toSeconds() + "s";
    return new DockerException(OPERATION, 504, text, true);
  }

  private final class Pull {
    private final Opened opened;
    private final String reference;
    private final Duration idle;
    private final Consumer<PullProgress> progress;
    private final Map<String, String> layers = new HashMap<>();
    private volatile boolean queued;
    private volatile boolean cancelled;

    Pull(Opened opened, String reference, Duration idle, Consumer<PullProgress> progress) {
      this.opened = opened;
      this.reference = reference;
      this.idle = idle;
      this.progress = progress;
    }

    void cancel() {
      cancelled = true;
      opened.connection.close();
    }

    void follow() throws IOException, DockerException {
      JsonLines lines = new JsonLines(opened.body());
      for (@Nullable JsonNode line = lines.next(); line != null; line = lines.next()) {
        failed(line);
        remember(Json.text(line, "id"), Json.text(line, "status"));
        queued = layers.containsValue("Waiting") && !layers.containsValue("Downloading");
        opened.watch.extend(layers.containsValue("Extracting") ? EXTRACTION : idle);
        running.stream().filter(other -> other.queued).forEach(Pull::extend);
        JsonNode detail = line.path("progressDetail");
        progress.accept(new PullProgress(
            Json.text(line, "id"),
            Json.text(line, "status"),
            Json.number(detail, "current"),
            Json.number(detail, "total")));
      }
    }

    /// Images have 127 layers at most; what says more is no engine.
    private void remember(String id, String status) {
      boolean known = layers.containsKey(id) || layers.size() < MOST_LAYERS;
      if (known && id.length() <= LONGEST_WORD && status.length() <= LONGEST_WORD) {
        layers.put(id, status);
      }
    }

    private void extend() {
      opened.watch.extend(idle);
    }

    private void failed(JsonNode line) throws DockerException {
      String error = Json.text(line, "error");
      JsonNode detail = line.path("errorDetail");
      if (!error.isEmpty() || detail.isObject()) {
        int code = (int) Json.number(detail, "code");
        String text = error.isEmpty() ? Json.text(detail, "message") : error;
        throw new DockerException(OPERATION, code >= 400 ? code : 500, text, false);
      }
    }

    DockerException failure(IOException cause) {
      if (cancelled) {
        return new DockerException(OPERATION, 0, "the caller cancelled the pull", true);
      }
      return opened.watch.fired() ? stalled(reference, idle) : opened.failed(cause);
    }
  }
}
