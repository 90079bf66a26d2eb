package dev.jubelet.dockershim.sandbox;

import dev.jubelet.cri.v1.StopPodSandboxResponse;
import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.checkpoint.CheckpointStore;
import dev.jubelet.dockershim.checkpoint.SandboxCheckpoint;
import dev.jubelet.dockershim.container.StopContainer;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.network.NetworkException;
import dev.jubelet.dockershim.network.PodNetwork.HostPort;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import dev.jubelet.dockershim.state.ContainerState.Change;
import dev.jubelet.trace.Traces;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `StopPodSandbox`: stop containers → network down → stop sandbox. Idempotent; each step is
/// tried whatever became of the one before. A sandbox whose container is gone is taken off its
/// network by its checkpoint, and the last step is then to drop that (`drop checkpoint`).
public final class StopPodSandbox {
  private static final int FULL_ID = 64;
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(StopPodSandbox.class);

  private final Pods pods;
  private final CheckpointStore checkpoints;
  private final SandboxNetworks networks;
  private final StopContainer stopping;
  private final Traces traces;

  public StopPodSandbox(
      Pods pods,
      CheckpointStore checkpoints,
      SandboxNetworks networks,
      StopContainer stopping,
      Traces traces) {
    this.pods = pods;
    this.checkpoints = checkpoints;
    this.networks = networks;
    this.stopping = stopping;
    this.traces = traces;
  }

  public StopPodSandboxResponse call(String id) throws Exception {
    Optional<Member> sandbox = pods.find(id).filter(Member::isSandbox);
    stop(sandbox.map(Member::id).orElse(id), sandbox);
    return StopPodSandboxResponse.getDefaultInstance();
  }

  void stop(String id, Optional<Member> sandbox) throws Exception {
    List<Exception> failures = new ArrayList<>();
    attempt(failures, "stop containers", () -> stopContainers(id));
    attempt(failures, "network down", () -> leave(id, sandbox));
    if (sandbox.isPresent()) {
      attempt(failures, "stop sandbox", () -> stopping.stop(sandbox.get(), GRACE));
    } else if (failures.isEmpty()) {
      attempt(failures, "drop checkpoint", () -> checkpoints.remove(id));
    }
    Parallel.failIfAny("stop pod sandbox \"" + id + "\"", failures);
  }

  /// A sandbox that was removed behind our back (`docker rm -f`): its network is taken down at
  /// once, and with it goes the checkpoint. For our own removals all is done already.
  public void onChange(Change change) {
    if (change.after().isEmpty()) {
      Thread.ofVirtual().name("vanished-" + change.id()).start(() -> vanished(change.id()));
    }
  }

  /// After a start: the same for those that were removed while nobody looked.
  public void collect() throws IOException, DockerException {
    // Before the look at the engine: one made meanwhile has its container.
    for (String id : checkpoints.ids()) {
      if (id.length() == FULL_ID && pods.find(id).isEmpty()) {
        Thread.ofVirtual().name("vanished-" + id).start(() -> vanished(id));
      }
    }
  }

  /// A checkpoint whose network is not down stays: a kubelet sees the sandbox by it and stops it.
  private void vanished(String id) {
    try {
      if (checkpoints.read(id).isPresent()) {
        leave(id, Optional.empty());
        checkpoints.remove(id);
      }
    } catch (NetworkException | IOException | RuntimeException e) {
      log.warn("the network of sandbox {}, which is gone, is not down yet: {}", id, text(e));
    }
  }

  private void stopContainers(String id) throws Exception {
    List<Member> running =
        pods.containersOf(id).stream().filter(c -> c.inspect().running()).toList();
    Parallel.each(
        "stop containers of \"" + id + "\"", running, c -> stopping.stop(c, Duration.ZERO));
  }

  private void leave(String id, Optional<Member> sandbox) throws NetworkException {
    Optional<SandboxCheckpoint> checkpoint = checkpoints.read(id);
    boolean hostNetwork = sandbox
        .map(Member::onHostNetwork)
        .or(() -> checkpoint.map(SandboxCheckpoint::hostNetwork))
        .orElse(true);
    if (hostNetwork) {
      return;
    }
    List<HostPort> ports = checkpoint.stream()
        .flatMap(c -> c.ports().stream())
        .map(p -> new HostPort(p.protocol(), p.containerPort(), p.hostPort(), p.hostIp()))
        .filter(p -> p.hostPort() > 0)
        .toList();
    networks.tearDown(
        sandbox
            .map(SandboxNetworks::ref)
            .or(() -> checkpoint.map(c -> SandboxNetworks.ref(id, c)))
            .orElseThrow(),
        sandbox.map(s -> s.inspect().pid()).filter(pid -> pid > 0),
        ports);
  }

  private void attempt(List<Exception> failures, String step, Traces.Action<Exception> action)
      throws InterruptedException {
    try {
      traces.run("shim", step, action);
    } catch (InterruptedException e) {
      throw e;
    } catch (DockerException e) {
      failures.add(e);
    } catch (Exception e) {
      failures.add(
          e instanceof CriException ? e : new CriException(Status.Code.UNKNOWN, text(e), e));
    }
  }

  private static String text(Exception e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }
}
