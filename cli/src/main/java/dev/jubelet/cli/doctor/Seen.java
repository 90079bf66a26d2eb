package dev.jubelet.cli.doctor;

import dev.jubelet.dockershim.docker.DockerApi.ContainerSummary;
import dev.jubelet.dockershim.network.NetworkSurvey.Joined;
import dev.jubelet.dockershim.network.NetworkSurvey.Lease;
import dev.jubelet.dockershim.network.NetworkSurvey.Rule;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// What one look at the machine showed.
///
/// @param containers all of the engine's, whoever made them
/// @param joined the CNI cache
/// @param networks names of the CNI networks that our sandboxes are or were on
/// @param mounts where something is mounted
/// @param interfaces of the host
/// @param processes those that run in a container, with the container's id
/// @param namespaces network namespaces by identity, with who holds each
/// @param elsewhere ids that other runtimes or kubelets of this machine know: sandboxes, pod UIDs
record Seen(
    List<Home> homes,
    List<ContainerSummary> containers,
    List<Joined> joined,
    Set<String> networks,
    List<Lease> leases,
    List<Rule> rules,
    Set<Path> mounts,
    Set<String> interfaces,
    Map<Long, String> processes,
    Map<String, Set<Holder>> namespaces,
    Set<String> elsewhere) {
  Seen {
    homes = List.copyOf(homes);
    containers = List.copyOf(containers);
    joined = List.copyOf(joined);
    networks = Set.copyOf(networks);
    leases = List.copyOf(leases);
    rules = List.copyOf(rules);
    mounts = Set.copyOf(mounts);
    interfaces = Set.copyOf(interfaces);
    processes = Map.copyOf(processes);
    namespaces = Map.copyOf(namespaces);
    elsewhere = Set.copyOf(elsewhere);
  }

  /// Who keeps a network namespace: a process (`pid` above 0) or a mount at `path`.
  record Holder(long pid, String path) {}

  Set<String> owners() {
    return homes.stream().map(Home::owner).collect(Collectors.toSet());
  }

  /// Whether nothing came, went or changed its state between the two looks.
  boolean sameAs(Seen other) {
    return states().equals(other.states())
        && homes.equals(other.homes)
        && joined.equals(other.joined);
  }

  private Map<String, String> states() {
    return containers.stream()
        .collect(Collectors.toMap(ContainerSummary::id, ContainerSummary::state));
  }
}
