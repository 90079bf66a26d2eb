package dev.jubelet.dockershim.sandbox;

import dev.jubelet.cri.v1.ContainerEventResponse;
import dev.jubelet.cri.v1.ContainerEventType;
import dev.jubelet.dockershim.container.ContainerView;
import dev.jubelet.dockershim.container.LogFollowing;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import dev.jubelet.dockershim.state.ContainerState.Change;
import dev.jubelet.dockershim.state.ContainerState.Seen;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `GetContainerEvents`: the changes of our sandboxes and containers, with the whole pod's status
/// as
/// of when the event is sent. In order per container; that a container stopped is told when its log
/// is complete.
public final class ContainerEvents implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ContainerEvents.class);
  private static final int QUEUE = 1024;

  private final Pods pods;
  private final SandboxNetworks networks;
  private final LogFollowing logs;
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private final Map<String, CompletableFuture<Void>> tails = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  public ContainerEvents(Pods pods, SandboxNetworks networks, LogFollowing logs) {
    this.pods = pods;
    this.networks = networks;
    this.logs = logs;
  }

  /// A new listener; it must be closed.
  public Subscription subscribe() {
    Subscription subscription = new Subscription();
    subscriptions.add(subscription);
    return subscription;
  }

  /// The listener for the engine's changes; does not block.
  public void onChange(Change change) {
    try {
      Seen seen = change.after().or(change::before).orElseThrow();
      Optional<Member> member = pods.of(seen);
      if (member.isEmpty()) {
        return;
      }
      List<ContainerEventType> types = types(change);
      CompletableFuture<Void> logEnd = follow(member.get(), types);
      for (ContainerEventType type : types) {
        enqueue(member.get(), type, change.at(), logEnd);
      }
    } catch (DockerException | RuntimeException e) {
      log.warn("event of container {} is lost: {}", change.id(), e.toString());
    }
  }

  // Completed when the log of a container that stopped is complete. One that stopped before it was
  // seen running has a log too.
  private CompletableFuture<Void> follow(Member member, List<ContainerEventType> types) {
    CompletableFuture<Void> end = CompletableFuture.completedFuture(null);
    if (types.contains(ContainerEventType.CONTAINER_STARTED_EVENT)) {
      logs.began(member);
    }
    if (types.contains(ContainerEventType.CONTAINER_STOPPED_EVENT)) {
      end = logs.died(member);
    }
    if (types.contains(ContainerEventType.CONTAINER_DELETED_EVENT)) {
      logs.removed(member);
    }
    return end;
  }

  /// What a change was, in the CRI's words; several when the engine was not seen for a while.
  static List<ContainerEventType> types(Change change) {
    List<ContainerEventType> types = new ArrayList<>();
    if (change.before().isEmpty()) {
      types.add(ContainerEventType.CONTAINER_CREATED_EVENT);
    }
    Optional<Instant> startedBefore = change.before().flatMap(s -> s.inspect().startedAt());
    Optional<Instant> startedAfter = change.after().flatMap(s -> s.inspect().startedAt());
    boolean started = startedAfter.isPresent() && !startedAfter.equals(startedBefore);
    if (started) {
      types.add(ContainerEventType.CONTAINER_STARTED_EVENT);
    }
    if (!runs(change.after()) && (started || runs(change.before()))) {
      types.add(ContainerEventType.CONTAINER_STOPPED_EVENT);
    }
    if (change.after().isEmpty()) {
      types.add(ContainerEventType.CONTAINER_DELETED_EVENT);
    }
    return types;
  }

  private static boolean runs(Optional<Seen> seen) {
    return seen.filter(s -> s.inspect().running()).isPresent();
  }

  private void enqueue(
      Member member, ContainerEventType type, Instant at, CompletableFuture<Void> logEnd) {
    if (subscriptions.isEmpty()) {
      return;
    }
    CompletableFuture<Void> last = tails.compute(
        member.id(),
        (id, tail) -> (tail == null ? CompletableFuture.<Void>completedFuture(null) : tail)
            .thenCompose(before -> logEnd)
            .thenRunAsync(() -> publish(member, type, at), threads));
    var _ = last.whenComplete((ok, failure) -> tails.remove(member.id(), last));
  }

  private void publish(Member member, ContainerEventType type, Instant at) {
    ContainerEventResponse.Builder event = ContainerEventResponse.newBuilder()
        .setContainerId(member.id())
        .setContainerEventType(type)
        .setCreatedAt(ContainerView.nanos(at));
    try {
      Optional<Member> sandbox = pods.find(member.sandboxId()).filter(Member::isSandbox);
      sandbox.ifPresent(s -> event.setPodSandboxStatus(SandboxView.status(s, networks.ips(s))));
      if (sandbox.isEmpty() && member.isSandbox()) {
        event.setPodSandboxStatus(SandboxView.status(member, List.of()));
      }
      pods.containersOf(member.sandboxId())
          .forEach(c -> event.addContainersStatuses(ContainerView.status(c)));
    } catch (DockerException | RuntimeException e) {
      log.warn("event of {} without its pod's status: {}", member.described(), e.toString());
    }
    ContainerEventResponse complete = event.build();
    subscriptions.forEach(s -> s.offer(complete));
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  /// One reader's queue. A reader that falls behind by more than it holds is cut off: it connects
  /// anew and lists.
  public final class Subscription implements AutoCloseable {
    private final LinkedBlockingQueue<Optional<ContainerEventResponse>> queue =
        new LinkedBlockingQueue<>(QUEUE);

    private Subscription() {}

    /// The next event; empty when the reader was too slow, or is closed.
    public Optional<ContainerEventResponse> take() throws InterruptedException {
      return queue.take();
    }

    private void offer(ContainerEventResponse event) {
      if (!queue.offer(Optional.of(event))) {
        log.warn("a reader of container events is {} events behind: cut off", QUEUE);
        end();
      }
    }

    /// Cuts the reader off.
    public void end() {
      subscriptions.remove(this);
      queue.clear();
      queue.offer(Optional.empty());
    }

    @Override
    public void close() {
      end();
    }
  }
}
