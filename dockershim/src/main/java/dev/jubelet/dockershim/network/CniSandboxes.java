package dev.jubelet.dockershim.network;

import dev.jubelet.cni.Attachment;
import dev.jubelet.cni.CachedAttachment;
import dev.jubelet.cni.Cni;
import dev.jubelet.cni.CniException;
import dev.jubelet.cni.CniResult;
import dev.jubelet.cni.NetworkConf;
import dev.jubelet.cni.ResultCache;
import dev.jubelet.dockershim.network.PodNetwork.PodRef;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// Joins and takes off single sandboxes, each under its own lock: what the cache says was done
/// before decides what is left to do. The namespace is checked, not believed.
final class CniSandboxes {
  private static final Logger log = LoggerFactory.getLogger(CniSandboxes.class);
  private static final String IF_NAME = "eth0";

  /// Keys of what is remembered beside a cached result.
  static final String OWNER = "owner";

  static final String NETNS = "netns";
  private static final String BOOT = "boot";

  private final String owner;
  private final String boot = BootId.current();
  private final ResultCache cache;
  private final Cni cni;
  private final ForwardRules forward;
  private final PodLocks locks = new PodLocks();

  CniSandboxes(String owner, ResultCache cache, Cni cni, ForwardRules forward) {
    this.owner = owner;
    this.cache = cache;
    this.cni = cni;
    this.forward = forward;
  }

  /// Joins the sandbox of process `pid`; what it was given before when that is done already.
  CniResult join(
      PodRef pod,
      long pid,
      NetworkConf network,
      Map<String, JsonNode> capabilities,
      Duration budget)
      throws NetworkException, InterruptedException {
    long end = System.nanoTime() + budget.toNanos();
    return locks.with(pod.sandboxId(), budget, () -> {
      SandboxNetns netns = SandboxNetns.of(pid)
          .orElseThrow(() ->
              new NetworkException("process " + pid + " has no network namespace of its own"));
      Optional<CniResult> done = settle(pod, netns, end);
      CniResult result =
          done.isPresent() ? done.get() : add(pod, netns, network, capabilities, end);
      forward.hold(pod.sandboxId(), HostLinks.of(network, result), left(end));
      return result;
    });
  }

  private CniResult add(
      PodRef pod,
      SandboxNetns netns,
      NetworkConf network,
      Map<String, JsonNode> capabilities,
      long end)
      throws NetworkException, InterruptedException {
    try {
      netns.loopbackUp();
      return cni.add(
          network,
          new Attachment(pod.sandboxId(), netns.path(), IF_NAME, args(pod), capabilities),
          Map.of(OWNER, owner, BOOT, boot, NETNS, netns.identity()),
          left(end));
    } catch (CniException | IOException | IllegalArgumentException e) {
      throw new NetworkException(String.valueOf(e.getMessage()), e);
    }
  }

  /// What an earlier try left: the whole result if it joined this same namespace; anything else is
  /// taken off first.
  private Optional<CniResult> settle(PodRef pod, SandboxNetns netns, long end)
      throws NetworkException, InterruptedException {
    for (CachedAttachment entry : entries(pod.sandboxId())) {
      Optional<CniResult> result = entry.parsedResult();
      boolean whole = result.isPresent() && !entry.leaving();
      if (whole && netns.identity().equals(entry.notes().get(NETNS))) {
        return result;
      }
      delete(entry, Optional.of(netns), end);
    }
    return Optional.empty();
  }

  /// Takes a sandbox off. Without a cached entry it was never joined, or is off already, or the
  /// cache was lost: then DEL with the network of today, which must allow it, frees what there
  /// is.
  void leave(PodRef pod, Optional<Long> pid, Optional<NetworkConf> network, Duration budget)
      throws NetworkException, InterruptedException {
    long end = System.nanoTime() + budget.toNanos();
    locks.with(pod.sandboxId(), budget, () -> {
      Optional<SandboxNetns> netns = pid.flatMap(SandboxNetns::of);
      List<CachedAttachment> entries = entries(pod.sandboxId());
      for (CachedAttachment entry : entries) {
        delete(entry, netns, end);
      }
      if (entries.isEmpty() && network.isPresent()) {
        deleteUnknown(pod, netns, network.get(), end);
      }
      forward.release(pod.sandboxId(), left(end));
      return pod;
    });
  }

  private void deleteUnknown(
      PodRef pod, Optional<SandboxNetns> netns, NetworkConf network, long end)
      throws NetworkException, InterruptedException {
    String path = netns.map(SandboxNetns::path).orElse("");
    try {
      cni.del(
          network, new Attachment(pod.sandboxId(), path, IF_NAME, args(pod), Map.of()), left(end));
    } catch (CniException | IllegalArgumentException e) {
      throw new NetworkException(String.valueOf(e.getMessage()), e);
    }
  }

  /// DEL as the entry says, with the namespace only if it is still the one that was joined.
  private void delete(CachedAttachment entry, Optional<SandboxNetns> netns, long end)
      throws NetworkException, InterruptedException {
    Attachment gone = entry.attachment().withoutNetns();
    try {
      if (netns.isPresent() && joined(entry, netns.get())) {
        deleteJoined(entry, netns.get(), end);
        if (netns.get().stillThere()) {
          return;
        }
        // It went meanwhile: plugins do not call that an error, and leave rules behind.
      } else {
        cni.del(entry, gone, left(end));
      }
      PluginRules.free(gone.containerId());
    } catch (CniException e) {
      throw new NetworkException(String.valueOf(e.getMessage()), e);
    }
  }

  private void deleteJoined(CachedAttachment entry, SandboxNetns netns, long end)
      throws CniException, InterruptedException {
    try {
      cni.del(entry, entry.attachment(), left(end));
    } catch (CniException e) {
      if (netns.stillThere()) {
        throw e;
      }
      cni.del(entry, entry.attachment().withoutNetns(), left(end));
    }
  }

  /// libcni's entries have the path only.
  private static boolean joined(CachedAttachment entry, SandboxNetns netns) {
    String identity = entry.notes().getOrDefault(NETNS, "");
    return identity.isEmpty()
        ? entry.attachment().netns().equals(netns.path())
        : identity.equals(netns.identity());
  }

  /// Takes off what an entry tells of; its sandbox is known to be gone.
  void discard(CachedAttachment entry, Duration budget)
      throws NetworkException, InterruptedException {
    long end = System.nanoTime() + budget.toNanos();
    String id = entry.attachment().containerId();
    locks.with(id, budget, () -> {
      delete(entry, Optional.empty(), end);
      forward.release(id, left(end));
      return id;
    });
  }

  /// The bridge of a sandbox from before our start is known to be in use.
  void rememberLinks(CachedAttachment entry) {
    Optional<CniResult> result = entry.parsedResult();
    try {
      if (result.isPresent()) {
        forward.note(entry.attachment().containerId(), HostLinks.of(entry.network(), result.get()));
      }
    } catch (CniException e) {
      log.warn("CNI cache of sandbox {}: {}", entry.attachment().containerId(), e.getMessage());
    }
  }

  /// After a start: the forward rules become those of the noted sandboxes.
  void settleRules(Duration deadline) throws NetworkException, InterruptedException {
    forward.settle(deadline);
  }

  boolean mine(CachedAttachment entry) {
    return owner.equals(entry.notes().get(OWNER));
  }

  boolean beforeBoot(CachedAttachment entry) {
    return !boot.equals(entry.notes().get(BOOT));
  }

  List<CachedAttachment> entries(String sandboxId) throws NetworkException {
    try {
      return cache.of(sandboxId);
    } catch (IOException e) {
      throw new NetworkException("cannot read the CNI cache: " + e, e);
    }
  }

  List<CachedAttachment> entries() throws NetworkException {
    try {
      return cache.all();
    } catch (IOException e) {
      throw new NetworkException("cannot read the CNI cache: " + e, e);
    }
  }

  private static Map<String, String> args(PodRef pod) {
    Map<String, String> args = new LinkedHashMap<>();
    args.put("IgnoreUnknown", "1");
    args.put("K8S_POD_NAMESPACE", pod.namespace());
    args.put("K8S_POD_NAME", pod.name());
    args.put("K8S_POD_INFRA_CONTAINER_ID", pod.sandboxId());
    args.put("K8S_POD_UID", pod.uid());
    return args;
  }

  private static Duration left(long end) {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }
}
