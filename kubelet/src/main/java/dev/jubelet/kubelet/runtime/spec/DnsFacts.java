package dev.jubelet.kubelet.runtime.spec;

import java.util.List;
import java.util.Optional;

/// What the node knows about DNS.
///
/// @param clusterDns addresses of the cluster's DNS; empty without one
/// @param clusterDomain such as `cluster.local`; may be empty
/// @param host the node's resolver file (`resolvConf` of the configuration), empty when that key is
/// set to "" (pods then get 127.0.0.1)
public record DnsFacts(List<String> clusterDns, String clusterDomain, Optional<ResolvConf> host) {
  public DnsFacts {
    clusterDns = List.copyOf(clusterDns);
  }
}
