package dev.jubelet.testkit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.json.JsonMapper;

/// The inside of [FakeDocker]: what there is, and changes that no client asked for.
public final class FakeEngine {
  static final JsonMapper JSON = new JsonMapper();
  private static final String ENDED = "";

  private final Map<String, FakeContainer> containers = new ConcurrentHashMap<>();
  private final Map<String, FakeImage> images = new ConcurrentHashMap<>();
  private final Map<String, FakeImage> registry = new ConcurrentHashMap<>();
  private final Map<String, FakeExec> execs = new ConcurrentHashMap<>();
  private final List<BlockingQueue<String>> streams = new CopyOnWriteArrayList<>();
  private final List<Event> past = new CopyOnWriteArrayList<>();
  private final AtomicInteger pids = new AtomicInteger(1000);
  private final Random random = new Random(7);
  private volatile String apiVersion = "1.41";
  private volatile String minApiVersion = "1.12";
  private volatile String rootDirectory = "/docker";
  private volatile boolean mute;
  private volatile int copies = 1;

  public String apiVersion() {
    return apiVersion;
  }

  /// Becomes an engine that speaks these.
  public void speaks(String oldest, String newest) {
    minApiVersion = oldest;
    apiVersion = newest;
  }

  /// Says that it keeps its files here.
  public void rootDirectory(String path) {
    rootDirectory = path;
  }

  String rootDirectory() {
    return rootDirectory;
  }

  /// Events are lost from now on.
  public void muteEvents(boolean muted) {
    mute = muted;
  }

  /// Each event is sent so many times.
  public void repeatEvents(int times) {
    copies = times;
  }

  public void addImage(String reference, String id, Map<String, String> labels) {
    images.put(reference, new FakeImage(id, reference, labels));
  }

  /// What a pull would find.
  public void publish(String reference, String id) {
    registry.put(reference, new FakeImage(id, reference, Map.of()));
  }

  public Optional<FakeContainer> container(String idOrName) {
    FakeContainer byId = containers.get(idOrName);
    return byId != null
        ? Optional.of(byId)
        : containers.values().stream()
            .filter(c -> c.name.equals(idOrName) || c.id.startsWith(idOrName))
            .findFirst();
  }

  /// Makes a container as somebody else would; the event is sent.
  public FakeContainer create(String name, String image, Map<String, String> labels) {
    FakeContainer made = new FakeContainer(newId(), name, image, labels);
    containers.put(made.id, made);
    emit(made, "create");
    return made;
  }

  public void start(String id) {
    FakeContainer container = known(id);
    container.start(pids.incrementAndGet());
    emit(container, "start");
  }

  /// Gives an image away as somebody else would; the event is sent.
  public void removeImage(String reference) {
    FakeImage image = images.remove(reference);
    if (image != null) {
      publish(Event.of(image, "untag"));
      publish(Event.of(image, "delete"));
    }
  }

  /// The process ends by itself.
  public void die(String id, int exitCode) {
    FakeContainer container = known(id);
    container.die(exitCode);
    emit(container, "die");
  }

  public void remove(String id) {
    FakeContainer container = known(id);
    containers.remove(container.id);
    emit(container, "destroy");
  }

  /// Sends an event that says nothing true or new.
  public void sendEvent(String id, String action, Instant time) {
    publish(Event.of(known(id), action, time));
  }

  /// Says that a container was taken off a network.
  public void sendDisconnect(String id) {
    Map<String, String> attributes = Map.of("container", known(id).id);
    publish(new Event("network", "disconnect", "bridge", attributes, Instant.now()));
  }

  /// Says that the kernel killed a process of a container; its inspect never shows it.
  public void sendOom(String id) {
    publish(Event.of(known(id), "oom", Instant.now()));
  }

  private FakeContainer known(String id) {
    return container(id).orElseThrow(() -> new IllegalArgumentException("no container " + id));
  }

  List<FakeContainer> containers() {
    return new ArrayList<>(containers.values());
  }

  Map<String, FakeImage> images() {
    return images;
  }

  Map<String, FakeImage> registry() {
    return registry;
  }

  Map<String, FakeExec> execs() {
    return execs;
  }

  int nextPid() {
    return pids.incrementAndGet();
  }

  String newId() {
    byte[] bytes = new byte[32];
    synchronized (random) {
      random.nextBytes(bytes);
    }
    return HexFormat.of().formatHex(bytes);
  }

  void emit(FakeContainer container, String action) {
    publish(Event.of(container, action, Instant.now()));
  }

  private void publish(Event event) {
    past.add(event);
    if (!mute) {
      for (int i = 0; i < copies; i++) {
        streams.forEach(stream -> stream.add(event.json()));
      }
    }
  }

  /// A new stream of events, with those since then.
  BlockingQueue<String> subscribe(Instant since) {
    BlockingQueue<String> stream = new LinkedBlockingQueue<>();
    if (!mute) {
      past.stream().filter(e -> !e.time.isBefore(since)).forEach(e -> stream.add(e.json()));
    }
    streams.add(stream);
    return stream;
  }

  void unsubscribe(BlockingQueue<String> stream) {
    streams.remove(stream);
  }

  boolean refuses(String version) {
    return minor(version) > minor(apiVersion) || minor(version) < minor(minApiVersion);
  }

  String refusal(String version) {
    return minor(version) > minor(apiVersion)
        ? "client version " + version + " is too new. Maximum supported API version is "
            + apiVersion
        : "client version " + version + " is too old. Minimum supported API version is "
            + minApiVersion + ", please upgrade your client to a newer version";
  }

  private static int minor(String version) {
    return Integer.parseInt(version.substring(version.indexOf('.') + 1));
  }

  /// Ends the streams of events whose connections are gone.
  void endStreams() {
    streams.forEach(stream -> stream.add(ENDED));
  }

  private record Event(
      String type, String action, String id, Map<String, String> attributes, Instant time) {
    static Event of(FakeContainer container, String action, Instant time) {
      Map<String, String> attributes = new HashMap<>(container.labels);
      attributes.put("name", container.name);
      attributes.put("image", container.image);
      return new Event("container", action, container.id, attributes, time);
    }

    static Event of(FakeImage image, String action) {
      return new Event("image", action, image.id, Map.of("name", image.reference), Instant.now());
    }

    String json() {
      Map<String, Object> event = new LinkedHashMap<>();
      event.put("Type", type);
      event.put("Action", action);
      event.put("Actor", Map.of("ID", id, "Attributes", attributes));
      event.put("time", time.getEpochSecond());
      event.put("timeNano", time.getEpochSecond() * 1_000_000_000L + time.getNano());
      return JSON.writeValueAsString(event);
    }
  }

  record FakeImage(String id, String reference, Map<String, String> labels) {}

  /// An exec's life: created, running, ended.
  static final class FakeExec {
    final String containerId;
    final List<String> command;
    final boolean tty;
    volatile boolean running;
    volatile int exitCode;
    volatile int pid;

    FakeExec(String containerId, List<String> command, boolean tty) {
      this.containerId = containerId;
      this.command = command;
      this.tty = tty;
    }
  }
}
