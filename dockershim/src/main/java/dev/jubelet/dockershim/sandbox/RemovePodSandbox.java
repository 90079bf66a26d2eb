package dev.jubelet.dockershim.sandbox;

import dev.jubelet.cri.v1.RemovePodSandboxResponse;
import dev.jubelet.dockershim.checkpoint.CheckpointStore;
import dev.jubelet.dockershim.container.RemoveContainer;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.gate.StartGate;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import dev.jubelet.trace.Traces;
import java.util.Optional;

/// `RemovePodSandbox`: stop what still runs → remove containers (all at once) → remove sandbox →
/// drop the checkpoint. Idempotent.
public final class RemovePodSandbox {
  private final Pods pods;
  private final CheckpointStore checkpoints;
  private final SandboxNetworks networks;
  private final StopPodSandbox stopping;
  private final RemoveContainer removing;
  private final StartGate gate;
  private final Traces traces;

  public RemovePodSandbox(
      Pods pods,
      CheckpointStore checkpoints,
      SandboxNetworks networks,
      StopPodSandbox stopping,
      RemoveContainer removing,
      StartGate gate,
      Traces traces) {
    this.pods = pods;
    this.checkpoints = checkpoints;
    this.networks = networks;
    this.stopping = stopping;
    this.removing = removing;
    this.gate = gate;
    this.traces = traces;
  }

  public RemovePodSandboxResponse call(String given) throws Exception {
    Optional<Member> sandbox = pods.find(given).filter(Member::isSandbox);
    String id = sandbox.map(Member::id).orElse(given);
    boolean known = sandbox.isPresent() || checkpoints.read(id).isPresent();
    if (known) {
      stopping.stop(id, sandbox);
    }
    traces.run(
        "shim",
        "remove containers",
        () -> Parallel.each(
            "remove containers of \"" + id + "\"",
            pods.containersOf(id),
            c -> removing.call(c.id())));
    if (sandbox.isPresent()) {
      traces.run("shim", "remove sandbox", () -> remove(sandbox.get()));
    }
    traces.run("shim", "drop checkpoint", () -> checkpoints.remove(id));
    networks.forget(id);
    return RemovePodSandboxResponse.getDefaultInstance();
  }

  private void remove(Member sandbox) throws DockerException, InterruptedException {
    removing.remove(sandbox);
    String uid = sandbox.name().uid();
    if (pods.sandboxes().stream().noneMatch(s -> s.name().uid().equals(uid))) {
      gate.gone(uid);
      traces.store().podGone(uid);
    }
  }
}
