package dev.jubelet.cli.doctor;

import dev.jubelet.cli.doctor.Facts.Answers;
import dev.jubelet.cli.doctor.Facts.Disk;
import dev.jubelet.cli.doctor.Facts.Engine;
import dev.jubelet.cli.doctor.Facts.Kernel;
import dev.jubelet.cli.doctor.Facts.Network;
import dev.jubelet.cli.doctor.Facts.Silent;
import dev.jubelet.cni.Cni;
import dev.jubelet.cni.ConfDirectory;
import dev.jubelet.cni.PluginDirs;
import dev.jubelet.cni.PluginListener;
import dev.jubelet.cni.ResultCache;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.EngineInfo;
import dev.jubelet.dockershim.docker.DockerApi.EngineVersion;
import dev.jubelet.dockershim.docker.DockerEndpoint;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.docker.EngineProbe;
import dev.jubelet.dockershim.network.NetworkException;
import dev.jubelet.dockershim.network.NetworkSurvey;
import dev.jubelet.linux.KernelCalls;
import dev.jubelet.linux.MountEntry;
import dev.jubelet.linux.Mounts;
import dev.jubelet.linux.ProcFs;
import dev.jubelet.linux.StatVfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Finds out what [Facts] holds, from the engine, `/proc` and files. What cannot be found out is
/// left out.
final class MachineFacts {
  private static final Duration PROBE = Duration.ofSeconds(10);
  private static final Duration KERNEL = Duration.ofSeconds(5);
  private static final int CAP_SYS_RESOURCE = 24;
  private static final String POLICY = "-P FORWARD ";

  private final DockerApi docker;
  private final DockerEndpoint endpoint;
  private final DoctorOptions options;

  MachineFacts(DockerApi docker, DockerEndpoint endpoint, DoctorOptions options) {
    this.docker = docker;
    this.endpoint = endpoint;
    this.options = options;
  }

  Facts find() throws IOException, InterruptedException {
    Engine engine = engine();
    List<String> cleaners = new ArrayList<>(Cleaners.files(Path.of("/")));
    cleaners.addAll(Programs.cleaners());
    return new Facts(engine, kernel(), network(), disks(engine), Programs.rivals(), cleaners);
  }

  private Engine engine() {
    try {
      EngineVersion version = docker.version();
      Instant before = Instant.now();
      EngineInfo info = docker.info();
      Instant middle = before.plus(Duration.between(before, Instant.now()).dividedBy(2));
      EngineProbe probe = new EngineProbe(endpoint, docker);
      OptionalLong pid = probe.pid();
      DaemonOptions daemon =
          DaemonOptions.of(pid.isPresent() ? Programs.commandLine(pid.getAsLong()) : List.of());
      return new Answers(
          version,
          info,
          probe.refusal(info),
          mayLower(pid),
          info.systemTime().map(time -> Duration.between(middle, time)).orElse(Duration.ZERO),
          daemon.values(),
          daemon.problem());
    } catch (DockerException e) {
      return new Silent(endpoint.socket(), String.valueOf(e.getMessage()));
    }
  }

  private static Optional<Boolean> mayLower(OptionalLong pid) {
    try {
      return pid.isPresent()
          ? Optional.of((ProcFs.capEff(pid.getAsLong()) >> CAP_SYS_RESOURCE & 1) != 0)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Kernel kernel() throws IOException {
    Path sys = Path.of("/proc/sys");
    return new Kernel(
        Files.readString(sys.resolve("kernel/osrelease")).strip(),
        Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers")),
        Files.exists(Path.of("/proc/swaps"))
            && Files.readAllLines(Path.of("/proc/swaps")).size() > 1,
        number(sys.resolve("fs/inotify/max_user_instances")),
        number(sys.resolve("fs/inotify/max_user_watches")),
        Files.isDirectory(Path.of("/run/systemd/system")),
        Mounts.holding(Path.of("/")).filter(MountEntry::shared).isPresent());
  }

  private static long number(Path file) throws IOException {
    return Long.parseLong(Files.readString(file).strip());
  }

  private Network network() throws InterruptedException {
    String plugin = plugin();
    Optional<String> problem = plugin.equals("cni") ? cniProblem() : Optional.empty();
    return new Network(plugin, problem, NetworkSurvey.iptablesInstalled(), forwardPolicy());
  }

  /// As an agent chooses.
  private String plugin() {
    return switch (options.networkPlugin()) {
      case "" -> configured() ? "cni" : "docker";
      case "no-op" -> "docker";
      default -> options.networkPlugin();
    };
  }

  private boolean configured() {
    try {
      return HomeLook.names(options.cniConfDir()).stream()
          .anyMatch(name -> name.matches(".*\\.(conf|conflist|json)"));
    } catch (IOException e) {
      return false;
    }
  }

  private Optional<String> cniProblem() throws InterruptedException {
    PluginDirs plugins = new PluginDirs(options.cniBinDirs());
    Cni cni = new Cni(plugins, new ResultCache(options.cniCacheDir()), PluginListener.NONE);
    ConfDirectory directory =
        new ConfDirectory(options.cniConfDir(), plugins, network -> cni.validate(network, PROBE));
    return directory.current().isPresent() ? Optional.empty() : Optional.of(directory.problem());
  }

  private static Optional<String> forwardPolicy() throws InterruptedException {
    try {
      return NetworkSurvey.rules().stream()
          .filter(rule -> rule.program().equals("iptables") && rule.text().startsWith(POLICY))
          .map(rule -> rule.text().substring(POLICY.length()))
          .findFirst();
    } catch (NetworkException e) {
      return Optional.empty();
    }
  }

  private List<Disk> disks(Engine engine) {
    List<Disk> disks = new ArrayList<>();
    if (engine instanceof Answers answers && !answers.info().rootDir().isEmpty()) {
      disk("images and containers", Path.of(answers.info().rootDir()), disks);
    }
    for (Path root : options.roots()) {
      disk("pods' volumes", root, disks);
    }
    return disks;
  }

  private static void disk(String what, Path path, List<Disk> disks) {
    if (!Files.isDirectory(path)) {
      return;
    }
    try {
      StatVfs room = KernelCalls.call("statfs " + path, KERNEL, () -> StatVfs.of(path));
      disks.add(new Disk(what, path, room));
    } catch (IOException e) {
      System.err.println("jubelet: " + path + " cannot be measured: " + e.getMessage());
    }
  }
}
