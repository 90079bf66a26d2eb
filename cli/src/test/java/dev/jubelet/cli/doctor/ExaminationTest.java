package dev.jubelet.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.cli.doctor.Advice.Level;
import dev.jubelet.cli.doctor.Facts.Answers;
import dev.jubelet.cli.doctor.Facts.Disk;
import dev.jubelet.cli.doctor.Facts.Engine;
import dev.jubelet.cli.doctor.Facts.Kernel;
import dev.jubelet.cli.doctor.Facts.Network;
import dev.jubelet.cli.doctor.Facts.Rival;
import dev.jubelet.cli.doctor.Facts.Silent;
import dev.jubelet.dockershim.docker.DockerApi.EngineInfo;
import dev.jubelet.dockershim.docker.DockerApi.EngineVersion;
import dev.jubelet.linux.StatVfs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExaminationTest {
  private static final Kernel KERNEL =
      new Kernel("6.1.0-13-amd64", true, false, 128, 8192, true, true);
  private static final Network CNI =
      new Network("cni", Optional.empty(), true, Optional.of("ACCEPT"));

  @Test
  void aMachineAsItShouldBe() {
    assertThat(advice(engine("overlay2", "json-file", "systemd", true), KERNEL, CNI))
        .isEmpty();
  }

  @Test
  void anEngineThatIsSilentOrNotOurs() {
    assertThat(advice(new Silent(Path.of("/x.sock"), "connection refused"), KERNEL, CNI))
        .singleElement()
        .matches(a -> a.level() == Level.PROBLEM && a.what().contains("unix:///x.sock"));
    assertThat(advice(
            with(Map.of(), Optional.of("is rootless"), List.of(), true, Duration.ZERO),
            KERNEL,
            CNI))
        .singleElement()
        .matches(a -> a.level() == Level.PROBLEM && a.what().equals("is rootless"));
  }

  @Test
  void whatTheEngineIsSetTo() {
    assertThat(lines(engine("vfs", "journald", "cgroupfs", false), KERNEL, CNI))
        .containsExactlyInAnyOrder(
            "WARNING daemon.json live-restore",
            "WARNING daemon.json the cgroup driver",
            "WARNING daemon.json the storage driver",
            "NOTE daemon.json the log driver");
    assertThat(lines(
            with(
                Map.of(
                    "init", "true",
                    "default-ipc-mode", "shareable",
                    "default-ulimits", "{}",
                    "no-new-privileges", "true"),
                Optional.empty(),
                List.of("name=seccomp,profile=default", "name=userns"),
                false,
                Duration.ofSeconds(-30)),
            KERNEL,
            CNI))
        .containsExactlyInAnyOrder(
            "PROBLEM daemon.json userns-remap",
            "WARNING engine dockerd lacks CAP_SYS_RESOURCE",
            "WARNING engine the engine's clock is 30 s behind",
            "WARNING daemon.json no-new-privileges",
            "NOTE daemon.json default-ulimits",
            "NOTE daemon.json without effect on pods, whose own are set: default-ipc-mode, init",
            "NOTE engine it says: bridge-nf-call-iptables is disabled");
  }

  @Test
  void theKernelAndItsLimits() {
    Engine engine = engine("overlay2", "json-file", "systemd", true);
    assertThat(lines(engine, new Kernel("5.4.0-1-x", false, true, 64, 4096, true, false), CNI))
        .containsExactlyInAnyOrder(
            "PROBLEM kernel Linux 5.4.0-1-x",
            "WARNING kernel cgroup v1",
            "WARNING kernel swap",
            "WARNING mounts /",
            "WARNING kernel fs.inotify.max_user_instances is 64",
            "WARNING kernel fs.inotify.max_user_watches is 4096");
    assertThat(lines(engine, new Kernel("5.10.0", true, false, 128, 8192, true, true), CNI))
        .isEmpty();
  }

  @Test
  void theNetwork() {
    Engine engine = engine("overlay2", "json-file", "systemd", true);
    assertThat(lines(
            engine,
            KERNEL,
            new Network("cni", Optional.of("no plugin"), true, Optional.of("DROP"))))
        .containsExactly(
            "PROBLEM network the cni network cannot be used",
            "NOTE network the policy of FORWARD is DROP");
    assertThat(lines(engine, KERNEL, new Network("cni", Optional.empty(), false, Optional.empty())))
        .containsExactly("WARNING network iptables is not installed");
    assertThat(lines(
            engine, KERNEL, new Network("docker", Optional.empty(), true, Optional.of("DROP"))))
        .containsExactly("NOTE network no CNI network is configured");
  }

  @Test
  void disksNeighboursAndCleaners() {
    Facts facts = new Facts(
        engine("overlay2", "json-file", "systemd", true),
        KERNEL,
        CNI,
        List.of(disk("/a", 100, 50, 50), disk("/b", 100, 9, 50), disk("/c", 100, 50, 0)),
        List.of(
            new Rival(7, "kubelet", "unix:///run/containerd/containerd.sock"),
            new Rival(8, "kubelet", "unix:///run/jubelet/dockershim.sock"),
            new Rival(9, "cri-dockerd", "")),
        List.of("/etc/cron.daily/clean"));
    assertThat(Examination.of(facts))
        .extracting(a -> a.level() + " " + a.subject() + " " + a.what())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("PROBLEM disk x (/c) is full"),
            line -> assertThat(line).startsWith("WARNING disk x (/b) is nearly full: 9 MiB (9 %)"),
            line -> assertThat(line).startsWith("WARNING neighbour cri-dockerd (pid 9)"),
            line -> assertThat(line).startsWith("WARNING cleaner /etc/cron.daily/clean"),
            line -> assertThat(line).startsWith("NOTE neighbour kubelet (pid 7)"));
  }

  private static Disk disk(String path, long mib, long free, long inodesOfHundred) {
    return new Disk(
        "x", Path.of(path), new StatVfs(mib << 20, free << 20, 100, inodesOfHundred, "ext4"));
  }

  /// Each with the beginning of what it says, up to the first comma or colon that ends the subject.
  private static List<String> lines(Engine engine, Kernel kernel, Network network) {
    List<String> starts = List.of(
        "live-restore",
        "the cgroup driver",
        "the storage driver",
        "the log driver",
        "userns-remap",
        "dockerd lacks CAP_SYS_RESOURCE",
        "the engine's clock is 30 s behind",
        "no-new-privileges",
        "default-ulimits",
        "Linux 5.4.0-1-x",
        "cgroup v1",
        "swap",
        "/",
        "fs.inotify.max_user_instances is 64",
        "fs.inotify.max_user_watches is 4096",
        "the cni network cannot be used",
        "the policy of FORWARD is DROP",
        "iptables is not installed",
        "no CNI network is configured");
    return advice(engine, kernel, network).stream()
        .map(a -> a.level() + " " + a.subject() + " "
            + starts.stream().filter(a.what()::startsWith).findFirst().orElse(a.what()))
        .toList();
  }

  private static List<Advice> advice(Engine engine, Kernel kernel, Network network) {
    return Examination.of(new Facts(engine, kernel, network, List.of(), List.of(), List.of()));
  }

  private static Answers engine(String storage, String log, String cgroups, boolean liveRestore) {
    return new Answers(
        version(),
        info(storage, log, cgroups, liveRestore, List.of(), List.of()),
        Optional.empty(),
        Optional.of(true),
        Duration.ofMillis(1),
        Map.of(),
        Optional.empty());
  }

  private static Answers with(
      Map<String, String> options,
      Optional<String> refusal,
      List<String> security,
      boolean lowers,
      Duration ahead) {
    List<String> warnings =
        lowers ? List.of() : List.of("WARNING: bridge-nf-call-iptables is disabled");
    return new Answers(
        version(),
        info("overlay2", "json-file", "systemd", true, security, warnings),
        refusal,
        Optional.of(lowers),
        ahead,
        options,
        Optional.empty());
  }

  private static EngineVersion version() {
    return new EngineVersion("26.1.5", "1.45", "1.24", "linux", "amd64", "6.1.0");
  }

  private static EngineInfo info(
      String storage,
      String log,
      String cgroups,
      boolean liveRestore,
      List<String> security,
      List<String> warnings) {
    return new EngineInfo(
        "id",
        "/var/lib/docker",
        cgroups,
        "2",
        storage,
        log,
        liveRestore,
        false,
        List.of("runc"),
        "runc",
        security,
        2,
        1 << 30,
        "host",
        Optional.empty(),
        warnings);
  }
}
