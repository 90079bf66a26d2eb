package dev.jubelet.dockershim.network;

import dev.jubelet.dockershim.network.PodNetwork.HostPort;
import dev.jubelet.dockershim.network.PodNetwork.PodRef;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Who has which port of the host: pods of ours by claim, others by their sockets. The portmap
/// plugin would take a port from under a listening process without a word, and Docker says only
/// that it is taken; here it becomes an error with a name in it.
final class HostPorts {
  private final ListeningSockets sockets;

  /// By pod UID; guarded by this map.
  private final Map<String, Claim> claims = new HashMap<>();

  HostPorts(Path proc) {
    sockets = new ListeningSockets(proc);
  }

  /// A port and the pod that has it.
  record Held(HostPort port, String pod, String sandboxId) {}

  private record Claim(PodRef pod, List<HostPort> ports) {}

  /// Claims the ports for a pod, replacing what the same pod claimed before.
  ///
  /// @param others ports of sandboxes from before our start
  /// @throws NetworkException naming the port and who has it
  void claim(PodRef pod, List<HostPort> ports, Collection<Held> others) throws NetworkException {
    List<HostPort> wanted = ports.stream().filter(port -> port.hostPort() > 0).toList();
    if (wanted.isEmpty()) {
      return;
    }
    Optional<Claim> before;
    synchronized (claims) {
      refuseClaimed(pod, wanted);
      before = Optional.ofNullable(claims.put(pod.uid(), new Claim(pod, wanted)));
    }
    try {
      for (HostPort port : wanted) {
        refuseHeld(pod, port, others);
        refuseListening(pod, port, before);
      }
    } catch (NetworkException e) {
      synchronized (claims) {
        before.ifPresentOrElse(
            claim -> claims.put(pod.uid(), claim), () -> claims.remove(pod.uid()));
      }
      throw e;
    }
  }

  /// The claim is this sandbox's from now on.
  void bind(PodRef pod) {
    synchronized (claims) {
      claims.computeIfPresent(pod.uid(), (uid, claim) -> new Claim(pod, claim.ports()));
    }
  }

  /// Gives up the sandbox's claim; a newer one of the same pod stays.
  void release(PodRef pod) {
    synchronized (claims) {
      Claim claim = claims.get(pod.uid());
      boolean ours = claim != null
          && (claim.pod().sandboxId().isEmpty() || claim.pod().sandboxId().equals(pod.sandboxId()));
      if (ours) {
        claims.remove(pod.uid());
      }
    }
  }

  private void refuseClaimed(PodRef pod, List<HostPort> wanted) throws NetworkException {
    for (Claim claim : claims.values()) {
      for (HostPort held : claim.ports()) {
        for (HostPort port : wanted) {
          if (!claim.pod().uid().equals(pod.uid()) && overlap(held, port)) {
            throw taken(
                pod, port, "pod " + claim.pod().namespace() + "/" + claim.pod().name());
          }
        }
      }
    }
  }

  private static void refuseHeld(PodRef pod, HostPort port, Collection<Held> others)
      throws NetworkException {
    for (Held held : others) {
      if (overlap(held.port(), port)) {
        throw taken(pod, port, "pod " + held.pod() + " (sandbox " + held.sandboxId() + ")");
      }
    }
  }

  private void refuseListening(PodRef pod, HostPort port, Optional<Claim> before)
      throws NetworkException {
    boolean ownAlready =
        before.isPresent() && before.get().ports().stream().anyMatch(old -> overlap(old, port));
    if (!ownAlready) {
      Optional<String> owner = sockets.owner(port);
      if (owner.isPresent()) {
        throw taken(pod, port, owner.get());
      }
    }
  }

  private static NetworkException taken(PodRef pod, HostPort port, String owner) {
    return new NetworkException("host port %d/%s of pod %s/%s is taken by %s"
        .formatted(port.hostPort(), port.protocol(), pod.namespace(), pod.name(), owner));
  }

  private static boolean overlap(HostPort a, HostPort b) {
    return a.hostPort() == b.hostPort()
        && a.protocol().equalsIgnoreCase(b.protocol())
        && (everywhere(a.hostIp()) || everywhere(b.hostIp()) || a.hostIp().equals(b.hostIp()));
  }

  static boolean everywhere(String hostIp) {
    return hostIp.isEmpty() || hostIp.equals("0.0.0.0") || hostIp.equals("::");
  }
}
