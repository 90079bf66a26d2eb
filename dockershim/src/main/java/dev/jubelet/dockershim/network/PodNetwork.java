package dev.jubelet.dockershim.network;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Joins a sandbox to a network and takes it off again. One implementation per `--network-plugin`:
/// `cni`, `none`, `docker`. Every call is bounded in time by the implementation or the given
/// deadline; set-up and tear-down are idempotent.
public interface PodNetwork extends AutoCloseable {

  /// Docker's `HostConfig.NetworkMode` for a sandbox that is not on the host's network: `none` for
  /// cni and none, `bridge` for docker.
  String dockerNetworkMode();

  /// True when Docker itself publishes the host ports (docker); false when this network does it
  /// after start (cni).
  boolean dockerPublishesPorts();

  /// Whether pods can be joined now; the message is upstream's where upstream has one (`cni config
  /// uninitialized`, `cni config needs ipRanges but no PodCIDR set`).
  Readiness readiness();

  /// Before a sandbox is made: claims its host ports, until its [#tearDown]. `sandboxId` is not
  /// known yet and empty; another claim of the same pod replaces the one before.
  ///
  /// @throws NetworkException naming who has a port that is taken, or what lacks to publish any
  default void claim(PodRef pod, List<HostPort> ports) throws NetworkException {}

  /// No sandbox came of the claim: its ports are free again.
  default void unclaim(PodRef pod) {}

  /// Joins the running sandbox and gives its addresses, the primary one first. After a failure the
  /// caller calls tearDown.
  ///
  /// @throws NetworkException naming the pod, the plugin and the cause
  Attachment setUp(PodRef pod, long pid, List<HostPort> ports, Duration deadline)
      throws NetworkException;

  /// What an earlier [#setUp], of this process or of one before it, gave the sandbox: for its
  /// status
  /// after a restart and for adopted sandboxes. Empty when this network keeps no record.
  default Optional<Attachment> attached(PodRef pod) {
    return Optional.empty();
  }

  /// Takes the sandbox off; works without the namespace (`pid` empty), without configuration (from
  /// the cached one), and when it was never joined. Frees leases, host ports and rules.
  void tearDown(PodRef pod, Optional<Long> pid, List<HostPort> ports, Duration deadline)
      throws NetworkException;

  /// `UpdateRuntimeConfig`'s pod CIDR; empty when the caller sends none.
  void podCidr(String cidr);

  @Override
  void close();

  /// The pod that a sandbox is for. `sandboxId` is Docker's full container id and CNI's container
  /// id.
  record PodRef(
      String sandboxId,
      String namespace,
      String name,
      String uid,
      Map<String, String> annotations) {
    public PodRef {
      annotations = Map.copyOf(annotations);
    }
  }

  /// One published port; protocol is `tcp`, `udp` or `sctp`; hostIp empty means all addresses;
  /// hostPort 0 is not published.
  record HostPort(String protocol, int containerPort, int hostPort, String hostIp) {}

  /// What a join gave: IPs without prefix length, primary first; empty for `none`.
  record Attachment(List<String> ips) {
    public Attachment {
      ips = List.copyOf(ips);
    }
  }

  /// NetworkReady of the CRI Status call.
  record Readiness(boolean ready, String reason, String message) {
    public static final Readiness READY = new Readiness(true, "", "");
  }
}
