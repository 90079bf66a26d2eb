package dev.jubelet.testkit;

import dev.jubelet.cri.v1.Container;
import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.ContainerEventResponse;
import dev.jubelet.cri.v1.ContainerEventType;
import dev.jubelet.cri.v1.ContainerState;
import dev.jubelet.cri.v1.ContainerStatus;
import dev.jubelet.cri.v1.Image;
import dev.jubelet.cri.v1.LinuxPodSandboxStatus;
import dev.jubelet.cri.v1.Namespace;
import dev.jubelet.cri.v1.NamespaceMode;
import dev.jubelet.cri.v1.PodSandbox;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.PodSandboxNetworkStatus;
import dev.jubelet.cri.v1.PodSandboxState;
import dev.jubelet.cri.v1.PodSandboxStatus;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// What a fake CRI runtime holds.
final class FakeCriState {
  private final Map<String, SandboxEntry> sandboxes = new LinkedHashMap<>();
  private final Map<String, ContainerEntry> containers = new LinkedHashMap<>();
  private final Map<String, Image> images = new ConcurrentHashMap<>();
  private final Map<String, Long> stopMillis = new ConcurrentHashMap<>();
  private final Map<String, Long> createdByName = new ConcurrentHashMap<>();
  private final List<String> stopped = new CopyOnWriteArrayList<>();
  private final List<Consumer<ContainerEventResponse>> watchers = new CopyOnWriteArrayList<>();
  private volatile boolean networkReady = true;
  private volatile Duration clockAhead = Duration.ZERO;
  private volatile boolean runtimeReady = true;
  private int next;

  private final class SandboxEntry {
    final PodSandboxConfig config;
    final long createdAt = now();
    final String ip;
    boolean ready = true;

    SandboxEntry(PodSandboxConfig config, String ip) {
      this.config = config;
      this.ip = ip;
    }
  }

  private final class ContainerEntry {
    final ContainerConfig config;
    final String sandboxId;
    final long createdAt = now();
    ContainerState state = ContainerState.CONTAINER_CREATED;
    long startedAt;
    long finishedAt;
    int exitCode;

    ContainerEntry(ContainerConfig config, String sandboxId) {
      this.config = config;
      this.sandboxId = sandboxId;
    }

    String name() {
      return config.getMetadata().getName();
    }
  }

  private long now() {
    var time = Instant.now().plus(clockAhead);
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }

  /// From now on things are stamped so much later than it is.
  void clockAhead(Duration by) {
    clockAhead = by;
  }

  synchronized String runSandbox(PodSandboxConfig config) {
    String id = "sandbox-" + next++;
    boolean host = config.getLinux().getSecurityContext().getNamespaceOptions().getNetwork()
        == NamespaceMode.NODE;
    sandboxes.put(id, new SandboxEntry(config, host ? "" : "10.9.0." + next));
    return id;
  }

  synchronized void stopSandbox(String id) {
    SandboxEntry sandbox = sandboxes.get(id);
    if (sandbox != null) {
      sandbox.ready = false;
      containers.forEach((containerId, c) -> {
        if (c.sandboxId.equals(id) && c.state == ContainerState.CONTAINER_RUNNING) {
          ended(containerId, c, 137);
        }
      });
    }
  }

  synchronized void removeSandbox(String id) {
    sandboxes.remove(id);
    containers.values().removeIf(c -> c.sandboxId.equals(id));
  }

  synchronized String create(String sandboxId, ContainerConfig config) {
    SandboxEntry sandbox = sandboxes.get(sandboxId);
    if (sandbox == null || !sandbox.ready) {
      throw Status.NOT_FOUND
          .withDescription("sandbox " + sandboxId + " is not ready")
          .asRuntimeException();
    }
    boolean twice = containers.values().stream()
        .anyMatch(c ->
            c.sandboxId.equals(sandboxId) && c.config.getMetadata().equals(config.getMetadata()));
    if (twice) {
      throw Status.ALREADY_EXISTS
          .withDescription("container " + config.getMetadata().getName() + " exists already")
          .asRuntimeException();
    }
    String id = "container-" + next++;
    containers.put(id, new ContainerEntry(config, sandboxId));
    createdByName.merge(config.getMetadata().getName(), 1L, Long::sum);
    return id;
  }

  synchronized void startContainer(String id) {
    ContainerEntry container = container(id);
    container.state = ContainerState.CONTAINER_RUNNING;
    container.startedAt = now();
    tell(id, container, ContainerEventType.CONTAINER_STARTED_EVENT);
  }

  /// A container that ignores its stop signal is killed when its grace is over.
  void stopContainer(String id, long graceSeconds) throws InterruptedException {
    ContainerEntry container;
    synchronized (this) {
      container = container(id);
      if (container.state != ContainerState.CONTAINER_RUNNING) {
        return;
      }
      stopped.add(label(container));
    }
    long takes = stopMillis.getOrDefault(container.name(), 0L);
    Thread.sleep(Math.min(takes, graceSeconds * 1000));
    synchronized (this) {
      if (container.state == ContainerState.CONTAINER_RUNNING) {
        ended(id, container, takes > 0 ? 137 : 0);
      }
    }
  }

  synchronized void removeContainer(String id) {
    containers.remove(id);
  }

  synchronized List<PodSandbox> listSandboxes(Map<String, String> labels) {
    List<PodSandbox> found = new ArrayList<>();
    sandboxes.forEach((id, s) -> {
      if (s.config.getLabelsMap().entrySet().containsAll(labels.entrySet())) {
        found.add(PodSandbox.newBuilder()
            .setId(id)
            .setMetadata(s.config.getMetadata())
            .setState(state(s))
            .setCreatedAt(s.createdAt)
            .putAllLabels(s.config.getLabelsMap())
            .build());
      }
    });
    return found;
  }

  synchronized PodSandboxStatus sandboxStatus(String id) {
    SandboxEntry s = sandboxes.get(id);
    if (s == null) {
      throw Status.NOT_FOUND.withDescription("no sandbox " + id).asRuntimeException();
    }
    return PodSandboxStatus.newBuilder()
        .setId(id)
        .setMetadata(s.config.getMetadata())
        .setState(state(s))
        .setCreatedAt(s.createdAt)
        .setNetwork(PodSandboxNetworkStatus.newBuilder().setIp(s.ip))
        .setLinux(LinuxPodSandboxStatus.newBuilder()
            .setNamespaces(Namespace.newBuilder()
                .setOptions(s.config.getLinux().getSecurityContext().getNamespaceOptions())))
        .putAllLabels(s.config.getLabelsMap())
        .putAllAnnotations(s.config.getAnnotationsMap())
        .build();
  }

  private static PodSandboxState state(SandboxEntry sandbox) {
    return sandbox.ready ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
  }

  synchronized List<Container> listContainers(Map<String, String> labels) {
    List<Container> found = new ArrayList<>();
    containers.forEach((id, c) -> {
      if (c.config.getLabelsMap().entrySet().containsAll(labels.entrySet())) {
        found.add(Container.newBuilder()
            .setId(id)
            .setPodSandboxId(c.sandboxId)
            .setMetadata(c.config.getMetadata())
            .setState(c.state)
            .setCreatedAt(c.createdAt)
            .putAllLabels(c.config.getLabelsMap())
            .build());
      }
    });
    return found;
  }

  synchronized ContainerStatus containerStatus(String id) {
    ContainerEntry c = container(id);
    return ContainerStatus.newBuilder()
        .setId(id)
        .setMetadata(c.config.getMetadata())
        .setState(c.state)
        .setCreatedAt(c.createdAt)
        .setStartedAt(c.startedAt)
        .setFinishedAt(c.finishedAt)
        .setExitCode(c.exitCode)
        .setImage(c.config.getImage())
        .setImageRef(c.config.getImage().getImage())
        .setReason(
            c.state == ContainerState.CONTAINER_EXITED
                ? (c.exitCode == 0 ? "Completed" : "Error")
                : "")
        .putAllLabels(c.config.getLabelsMap())
        .putAllAnnotations(c.config.getAnnotationsMap())
        .build();
  }

  private ContainerEntry container(String id) {
    ContainerEntry container = containers.get(id);
    if (container == null) {
      throw Status.NOT_FOUND.withDescription("no container " + id).asRuntimeException();
    }
    return container;
  }

  private void ended(String id, ContainerEntry container, int code) {
    container.state = ContainerState.CONTAINER_EXITED;
    container.finishedAt = now();
    container.exitCode = code;
    tell(id, container, ContainerEventType.CONTAINER_STOPPED_EVENT);
  }

  private void tell(String id, ContainerEntry container, ContainerEventType type) {
    SandboxEntry sandbox = sandboxes.get(container.sandboxId);
    ContainerEventResponse.Builder event =
        ContainerEventResponse.newBuilder().setContainerId(id).setContainerEventType(type);
    if (sandbox != null) {
      event.setPodSandboxStatus(
          PodSandboxStatus.newBuilder().setMetadata(sandbox.config.getMetadata()));
    }
    watchers.forEach(watcher -> watcher.accept(event.build()));
  }

  Runnable watch(Consumer<ContainerEventResponse> watcher) {
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  void addImage(String image) {
    images.put(
        image,
        Image.newBuilder()
            .setId("sha256:" + image)
            .addRepoTags(image)
            .setSize(1)
            .build());
  }

  Optional<Image> image(String image) {
    return Optional.ofNullable(images.get(image));
  }

  List<Image> images() {
    return List.copyOf(images.values());
  }

  boolean runtimeReady() {
    return runtimeReady;
  }

  void runtimeReady(boolean ready) {
    runtimeReady = ready;
  }

  boolean networkReady() {
    return networkReady;
  }

  void networkReady(boolean ready) {
    networkReady = ready;
  }

  void stopTakes(String containerName, long millis) {
    stopMillis.put(containerName, millis);
  }

  synchronized void exit(String containerName, int code) {
    containers.forEach((id, c) -> {
      if (c.name().equals(containerName) && c.state == ContainerState.CONTAINER_RUNNING) {
        ended(id, c, code);
      }
    });
  }

  synchronized void killSandbox(String podName) {
    List.copyOf(sandboxes.keySet()).stream()
        .filter(id -> podNameOf(id).equals(podName))
        .forEach(this::stopSandbox);
  }

  synchronized List<String> running() {
    return containers.values().stream()
        .filter(c -> c.state == ContainerState.CONTAINER_RUNNING)
        .map(this::label)
        .toList();
  }

  List<String> stopped() {
    return List.copyOf(stopped);
  }

  long created(String containerName) {
    return createdByName.getOrDefault(containerName, 0L);
  }

  synchronized long readySandboxes(String podName) {
    return sandboxes.entrySet().stream()
        .filter(e -> e.getValue().ready && podNameOf(e.getKey()).equals(podName))
        .count();
  }

  synchronized int objects() {
    return sandboxes.size() + containers.size();
  }

  synchronized Optional<ContainerState> stateOf(String containerName) {
    return containers.values().stream()
        .filter(c -> c.name().equals(containerName))
        .map(c -> c.state)
        .reduce((_, later) -> later);
  }

  private String podNameOf(String sandboxId) {
    SandboxEntry sandbox = sandboxes.get(sandboxId);
    return sandbox == null ? "" : sandbox.config.getMetadata().getName();
  }

  private String label(ContainerEntry container) {
    return podNameOf(container.sandboxId) + "/" + container.name();
  }
}
