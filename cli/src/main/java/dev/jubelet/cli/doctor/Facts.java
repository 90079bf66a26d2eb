package dev.jubelet.cli.doctor;

import dev.jubelet.dockershim.docker.DockerApi.EngineInfo;
import dev.jubelet.dockershim.docker.DockerApi.EngineVersion;
import dev.jubelet.linux.StatVfs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What was found out about the machine.
///
/// @param cleaners places that remove containers and images of Docker's now and then
record Facts(
    Engine engine,
    Kernel kernel,
    Network network,
    List<Disk> disks,
    List<Rival> rivals,
    List<String> cleaners) {
  Facts {
    disks = List.copyOf(disks);
    rivals = List.copyOf(rivals);
    cleaners = List.copyOf(cleaners);
  }

  sealed interface Engine {}

  /// It gave no answer.
  record Silent(Path socket, String why) implements Engine {}

  /// @param refusal why pods cannot run on it; empty when they can
  /// @param lowersOomScore whether it may lower a process's oom_score_adj; empty when not known
  /// @param ahead of our clock
  /// @param options of daemon.json and of its command line, by daemon.json's names
  /// @param problem why daemon.json cannot be read; empty when it can or there is none
  record Answers(
      EngineVersion version,
      EngineInfo info,
      Optional<String> refusal,
      Optional<Boolean> lowersOomScore,
      Duration ahead,
      Map<String, String> options,
      Optional<String> problem)
      implements Engine {
    Answers {
      options = Map.copyOf(options);
    }

    boolean isOn(String option) {
      return options.getOrDefault(option, "").equals("true");
    }
  }

  /// @param release as `uname -r` has it
  /// @param inotifyInstances and `inotifyWatches`: limits for each user
  /// @param systemd whether it runs this machine
  /// @param rootShared whether mounts on `/` reach other namespaces
  record Kernel(
      String release,
      boolean cgroupV2,
      boolean swap,
      long inotifyInstances,
      long inotifyWatches,
      boolean systemd,
      boolean rootShared) {}

  /// @param plugin `cni`, `docker` or `none`: what an agent would choose
  /// @param problem why it cannot be used; empty when it can
  /// @param forwardPolicy of iptables' chain FORWARD; empty when not known
  record Network(
      String plugin, Optional<String> problem, boolean iptables, Optional<String> forwardPolicy) {}

  /// A file system that pods need.
  record Disk(String what, Path path, StatVfs room) {}

  /// Another program that serves pods.
  ///
  /// @param runtime that a kubelet was told to use; empty when it was not
  record Rival(long pid, String program, String runtime) {}
}
