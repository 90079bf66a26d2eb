package dev.jubelet.cli.doctor;

import dev.jubelet.cli.doctor.Seen.Holder;
import dev.jubelet.cni.CachedAttachment;
import dev.jubelet.cni.ResultCache;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.network.NetworkSurvey;
import dev.jubelet.linux.MountEntry;
import dev.jubelet.linux.Mounts;
import dev.jubelet.linux.ProcFs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Looks at the machine itself: the engine, CNI's files, packet filters, `/proc`, directories.
///
/// @param places each with an owner
record MachineLook(DockerApi docker, NetworkSurvey network, List<Place> places)
    implements Looks.Look {
  private static final Pattern CONTAINER_ID = Pattern.compile("[0-9a-f]{64}");

  /// Where containerd and CRI-O keep running sandboxes; `moby` is Docker's own.
  private static final Path CONTAINERD = Path.of("/run/containerd/io.containerd.runtime.v2.task");

  private static final String OF_DOCKER = "moby";
  private static final Path CRIO = Path.of("/run/containers/storage/overlay-containers");

  /// Where libcni keeps results for who does not say otherwise.
  private static final Path CNI_OF_OTHERS = Path.of("/var/lib/cni");

  private static final Path KUBELET = Path.of("/var/lib/kubelet/pods");

  @Override
  public Seen now() throws Exception {
    List<Home> homes = new ArrayList<>();
    for (Place place : places) {
      homes.add(HomeLook.at(place));
    }
    Set<String> owners = homes.stream().map(Home::owner).collect(Collectors.toSet());
    Map<Long, String> processes = new HashMap<>();
    Map<String, Set<Holder>> namespaces = new HashMap<>();
    processes(processes, namespaces);
    List<MountEntry> mounts = Mounts.table();
    mounts.forEach(mount -> hold(mount, namespaces));
    return new Seen(
        homes,
        docker.listContainers(List.of()),
        network.joined(),
        network.networks(owners),
        network.leases(owners),
        NetworkSurvey.rules(),
        mounts.stream().map(MountEntry::target).collect(Collectors.toSet()),
        interfaces(Files.readString(Path.of("/proc/self/net/dev"))),
        processes,
        namespaces,
        elsewhere());
  }

  private static void processes(Map<Long, String> containers, Map<String, Set<Holder>> namespaces)
      throws IOException {
    for (long pid : ProcFs.pids()) {
      for (String cgroup : ProcFs.cgroups(pid).values()) {
        containerId(cgroup).forEach(id -> containers.put(pid, id));
      }
      ProcFs.namespace(pid, "net")
          .ifPresent(identity -> namespaces
              .computeIfAbsent(identity, key -> new HashSet<>())
              .add(new Holder(pid, "")));
    }
  }

  /// The innermost one of a nested cgroup; none or one.
  static List<String> containerId(String cgroup) {
    List<String> found = new ArrayList<>();
    Matcher matcher = CONTAINER_ID.matcher(cgroup);
    while (matcher.find()) {
      found.add(matcher.group());
    }
    return found.isEmpty() ? found : List.of(found.getLast());
  }

  private static void hold(MountEntry mount, Map<String, Set<Holder>> namespaces) {
    if (mount.fsType().equals("nsfs")) {
      namespaces
          .computeIfAbsent(mount.root(), key -> new HashSet<>())
          .add(new Holder(0, mount.target().toString()));
    }
  }

  /// From the kernel's table of our network namespace; sysfs may show another's.
  static Set<String> interfaces(String table) {
    return table
        .lines()
        .filter(line -> line.contains(":"))
        .map(line -> line.substring(0, line.indexOf(':')).strip())
        .collect(Collectors.toSet());
  }

  private Set<String> elsewhere() throws IOException {
    Set<String> ids = new HashSet<>(HomeLook.names(CRIO));
    for (Path namespace : HomeLook.list(CONTAINERD)) {
      if (!namespace.endsWith(OF_DOCKER)) {
        ids.addAll(HomeLook.names(namespace));
      }
    }
    if (!network.cacheDir().equals(CNI_OF_OTHERS)) {
      for (CachedAttachment entry : new ResultCache(CNI_OF_OTHERS).look().values()) {
        ids.add(entry.attachment().containerId());
      }
    }
    if (places.stream().noneMatch(place -> place.pods().equals(KUBELET))) {
      ids.addAll(HomeLook.names(KUBELET));
    }
    return ids;
  }
}
