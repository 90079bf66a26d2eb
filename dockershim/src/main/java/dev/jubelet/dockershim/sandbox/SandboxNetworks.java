package dev.jubelet.dockershim.sandbox;

import dev.jubelet.dockershim.checkpoint.SandboxCheckpoint;
import dev.jubelet.dockershim.gate.CallDeadline;
import dev.jubelet.dockershim.network.NetworkException;
import dev.jubelet.dockershim.network.PodNetwork;
import dev.jubelet.dockershim.network.PodNetwork.Attachment;
import dev.jubelet.dockershim.network.PodNetwork.HostPort;
import dev.jubelet.dockershim.network.PodNetwork.PodRef;
import dev.jubelet.dockershim.pods.Member;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Which sandbox has which addresses, and which is off its network already. Only a cache of what
/// the network itself knows: a sandbox of before the start of the shim is asked for, and is taken
/// off when in doubt.
public final class SandboxNetworks {
  /// Both plugin runs of a pod together, as dockershim had it.
  private static final Duration SET_UP = Duration.ofSeconds(220);

  private final PodNetwork network;
  private final Map<String, Link> links = new ConcurrentHashMap<>();

  public SandboxNetworks(PodNetwork network) {
    this.network = network;
  }

  void setUp(PodRef pod, long pid, List<HostPort> ports) throws NetworkException {
    Attachment attachment = network.setUp(pod, pid, ports, CallDeadline.left(SET_UP));
    links.put(pod.sandboxId(), new Link(attachment.ips(), false));
  }

  /// Takes a sandbox off its network unless that is done.
  void tearDown(PodRef pod, Optional<Long> pid, List<HostPort> ports) throws NetworkException {
    Link link = links.get(pod.sandboxId());
    if (link == null || !link.down()) {
      network.tearDown(pod, pid, ports, CallDeadline.left(SET_UP));
      links.put(pod.sandboxId(), new Link(List.of(), true));
    }
  }

  void forget(String sandboxId) {
    links.remove(sandboxId);
  }

  /// The addresses of a running sandbox that is not on the host's network.
  public List<String> ips(Member sandbox) {
    if (!sandbox.inspect().running() || sandbox.onHostNetwork()) {
      return List.of();
    }
    if (!sandbox.inspect().networkMode().equals("none")) {
      // On a network of the engine's, which somebody may have disconnected it from.
      return sandbox.inspect().ips();
    }
    Link link = links.get(sandbox.id());
    if (link == null) {
      List<String> ips = network
          .attached(ref(sandbox))
          .map(Attachment::ips)
          .orElseGet(() -> sandbox.inspect().ips());
      if (ips.isEmpty()) {
        return ips;
      }
      link = links.computeIfAbsent(sandbox.id(), id -> new Link(ips, false));
    }
    return link.ips();
  }

  static PodRef ref(Member sandbox) {
    return new PodRef(
        sandbox.id(),
        sandbox.name().namespace(),
        sandbox.name().pod(),
        sandbox.name().uid(),
        sandbox.annotations());
  }

  static PodRef ref(String sandboxId, SandboxCheckpoint checkpoint) {
    return new PodRef(
        sandboxId, checkpoint.namespace(), checkpoint.name(), checkpoint.uid(), Map.of());
  }

  private record Link(List<String> ips, boolean down) {}
}
