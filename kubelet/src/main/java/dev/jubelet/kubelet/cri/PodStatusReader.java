package dev.jubelet.kubelet.cri;

import dev.jubelet.cri.v1.Container;
import dev.jubelet.cri.v1.ContainerState;
import dev.jubelet.cri.v1.NamespaceMode;
import dev.jubelet.cri.v1.PodIP;
import dev.jubelet.cri.v1.PodSandbox;
import dev.jubelet.cri.v1.PodSandboxState;
import dev.jubelet.cri.v1.PodSandboxStatus;
import dev.jubelet.cri.v1.PodSandboxStatusResponse;
import dev.jubelet.kubelet.cri.PodStatus.ContainerStatus;
import dev.jubelet.kubelet.cri.PodStatus.Sandbox;
import dev.jubelet.kubelet.cri.PodStatus.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Reads what the runtime knows of a pod and turns it into our own record. An exited container does
/// not change any more, so it is asked for once.
public final class PodStatusReader {
  private final RuntimeClient client;
  private final Function<dev.jubelet.cri.v1.ContainerStatus, String> terminationMessage;

  /// @param terminationMessage what an exited container left as its message
  public PodStatusReader(
      RuntimeClient client,
      Function<dev.jubelet.cri.v1.ContainerStatus, String> terminationMessage) {
    this.client = client;
    this.terminationMessage = terminationMessage;
  }

  /// Every pod of the runtime.
  public RuntimeListing list() throws CriException {
    return RuntimeListing.read(client);
  }

  /// @param known what was read of this pod before
  public PodStatus read(PodId id, Optional<PodStatus> known) throws CriException {
    Instant begun = Instant.now();
    RuntimeListing.Pod listed = RuntimeListing.read(client, id);
    if (listed.isEmpty()) {
      return PodStatus.none(id.uid(), id.name(), id.namespace(), begun);
    }
    Map<String, dev.jubelet.cri.v1.ContainerStatus> told = new HashMap<>();
    List<Sandbox> sandboxes = new ArrayList<>();
    for (PodSandbox sandbox : listed.sandboxes()) {
      status(sandbox, told).ifPresent(sandboxes::add);
    }
    // By their numbers: the host's clock may have been set back between two of them.
    sandboxes.sort(Comparator.comparingInt(Sandbox::attempt)
        .thenComparing(Sandbox::createdAt)
        .reversed());
    List<ContainerStatus> containers = new ArrayList<>();
    for (Container container : listed.containers()) {
      status(container, told, known).ifPresent(containers::add);
    }
    containers.sort(Comparator.comparingInt(ContainerStatus::restartCount)
        .thenComparing(ContainerStatus::createdAt)
        .reversed());
    PodId shown = listed.id();
    return new PodStatus(
        id.uid(), shown.name(), shown.namespace(), ips(sandboxes), sandboxes, containers, begun);
  }

  /// The addresses of one sandbox, primary first.
  public List<String> sandboxIps(String sandboxId) throws CriException {
    return ips(client.podSandboxStatus(sandboxId).getStatus());
  }

  private static List<String> ips(List<Sandbox> sandboxes) {
    return sandboxes.stream()
        .filter(Sandbox::ready)
        .findFirst()
        .map(Sandbox::ips)
        .orElse(List.of());
  }

  private Optional<Sandbox> status(
      PodSandbox listed, Map<String, dev.jubelet.cri.v1.ContainerStatus> told) throws CriException {
    PodSandboxStatusResponse answer;
    try {
      answer = client.podSandboxStatus(listed.getId());
    } catch (CriException e) {
      if (e.notFound()) {
        return Optional.empty();
      }
      throw e;
    }
    answer.getContainersStatusesList().forEach(c -> told.put(c.getId(), c));
    PodSandboxStatus status = answer.getStatus();
    boolean hostNetwork =
        status.getLinux().getNamespaces().getOptions().getNetwork() == NamespaceMode.NODE;
    List<String> ips = ips(status);
    return Optional.of(new Sandbox(
        status.getId(),
        status.getMetadata().getAttempt(),
        status.getState() == PodSandboxState.SANDBOX_READY,
        hostNetwork,
        instant(status.getCreatedAt()),
        ips,
        status.getLabelsMap(),
        status.getAnnotationsMap(),
        !hostNetwork && status.hasNetwork() && ips.isEmpty()));
  }

  private static List<String> ips(PodSandboxStatus status) {
    List<String> ips = new ArrayList<>();
    if (!status.getNetwork().getIp().isEmpty()) {
      ips.add(status.getNetwork().getIp());
    }
    status.getNetwork().getAdditionalIpsList().stream().map(PodIP::getIp).forEach(ips::add);
    return ips;
  }

  private Optional<ContainerStatus> status(
      Container listed,
      Map<String, dev.jubelet.cri.v1.ContainerStatus> told,
      Optional<PodStatus> known)
      throws CriException {
    Optional<ContainerStatus> ended = ended(listed, known);
    if (ended.isPresent()) {
      return ended;
    }
    dev.jubelet.cri.v1.ContainerStatus status = told.get(listed.getId());
    if (status == null) {
      try {
        status = client.containerStatus(listed.getId()).getStatus();
      } catch (CriException e) {
        if (e.notFound()) {
          return Optional.empty();
        }
        throw e;
      }
    }
    ContainerStatus container = convert(status, listed);
    return Optional.of(
        container.state() == State.EXITED
            ? withMessage(container, terminationMessage.apply(status))
            : container);
  }

  private static Optional<ContainerStatus> ended(Container listed, Optional<PodStatus> known) {
    if (listed.getState() != ContainerState.CONTAINER_EXITED || known.isEmpty()) {
      return Optional.empty();
    }
    return known.get().containers().stream()
        .filter(c -> c.id().equals(listed.getId()) && c.state() == State.EXITED)
        .findFirst();
  }

  private static ContainerStatus convert(
      dev.jubelet.cri.v1.ContainerStatus status, Container listed) {
    Map<String, String> annotations = status.getAnnotationsMap();
    String named = status.getImage().getUserSpecifiedImage();
    return new ContainerStatus(
        status.getId(),
        status.getMetadata().getName(),
        listed.getPodSandboxId(),
        restartCount(annotations, status.getMetadata().getAttempt()),
        state(status.getState()),
        instant(status.getCreatedAt()),
        time(status.getStartedAt()),
        time(status.getFinishedAt()),
        status.getExitCode(),
        named.isEmpty() ? status.getImage().getImage() : named,
        status.getImageRef(),
        status.getImageId(),
        annotations.getOrDefault(PodLabels.HASH, ""),
        status.getReason(),
        status.getMessage(),
        status.getLogPath(),
        annotations);
  }

  private static ContainerStatus withMessage(ContainerStatus c, String message) {
    return message.isEmpty()
        ? c
        : new ContainerStatus(
            c.id(),
            c.name(),
            c.sandboxId(),
            c.restartCount(),
            c.state(),
            c.createdAt(),
            c.startedAt(),
            c.finishedAt(),
            c.exitCode(),
            c.image(),
            c.imageRef(),
            c.imageId(),
            c.hash(),
            c.reason(),
            message,
            c.logPath(),
            c.annotations());
  }

  private static int restartCount(Map<String, String> annotations, int attempt) {
    String text = annotations.getOrDefault(PodLabels.RESTART_COUNT, "");
    return text.matches("\\d{1,9}") ? Integer.parseInt(text) : attempt;
  }

  private static State state(ContainerState state) {
    return switch (state) {
      case CONTAINER_CREATED -> State.CREATED;
      case CONTAINER_RUNNING -> State.RUNNING;
      case CONTAINER_EXITED -> State.EXITED;
      case CONTAINER_UNKNOWN, UNRECOGNIZED -> State.UNKNOWN;
    };
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(0, nanos);
  }

  private static Optional<Instant> time(long nanos) {
    return nanos > 0 ? Optional.of(instant(nanos)) : Optional.empty();
  }
}
