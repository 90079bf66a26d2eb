package dev.jubelet.cli.doctor;

import dev.jubelet.cli.doctor.Facts.Answers;
import dev.jubelet.cli.doctor.Facts.Kernel;
import dev.jubelet.cli.doctor.Facts.Silent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// What the engine and its configuration mean for pods. Pure.
final class EngineAdvice {
  private static final String ENGINE = "engine";
  private static final String CONFIG = "daemon.json";
  private static final Duration CLOCK = Duration.ofSeconds(2);

  /// Defaults for containers that the shim sets on each of its own (decision 16).
  private static final List<String> OVERRIDDEN =
      List.of("init", "default-cgroupns-mode", "default-ipc-mode", "default-shm-size", "log-opts");

  private static final List<String> NOT_SENT = List.of("", "json-file", "local", "none");

  /// Storage drivers that copy whole layers, or that Docker gave up.
  private static final Map<String, String> STORAGE = Map.of(
      "vfs", "copies every layer for every container",
      "aufs", "was removed from newer engines",
      "devicemapper", "was removed from newer engines",
      "overlay", "was removed from newer engines");

  private final List<Advice> advice = new ArrayList<>();

  private EngineAdvice() {}

  static List<Advice> of(Facts facts) {
    EngineAdvice all = new EngineAdvice();
    switch (facts.engine()) {
      case Silent silent ->
        all.advice.add(Advice.problem(
            ENGINE,
            "no Docker Engine answers at unix://" + silent.socket() + ": " + silent.why(),
            "systemctl start docker, or name another socket with --docker-endpoint"));
      case Answers engine -> {
        all.engine(engine, facts.kernel());
        all.storageAndLogs(engine);
        all.defaults(engine);
        all.network(engine, facts.network().plugin());
      }
    }
    return all.advice;
  }

  private void engine(Answers engine, Kernel kernel) {
    engine
        .refusal()
        .ifPresent(why -> advice.add(
            Advice.problem(ENGINE, why, "use a Docker Engine of this machine that runs as root")));
    if (!engine.info().liveRestore()) {
      warn(
          CONFIG,
          "live-restore is off: every restart of dockerd restarts all pods",
          "\"live-restore\": true in daemon.json, then systemctl reload docker");
    }
    if (engine.lowersOomScore().filter(may -> !may).isPresent()) {
      warn(
          ENGINE,
          "dockerd lacks CAP_SYS_RESOURCE: pods run with an oom_score_adj of 0 at least, so the"
              + " kernel does not spare the important ones",
          "start dockerd with every capability");
    }
    if (engine.info().cgroupDriver().equals("cgroupfs") && kernel.systemd() && kernel.cgroupV2()) {
      warn(
          CONFIG,
          "the cgroup driver is cgroupfs on a machine with systemd: two write to one tree",
          "\"exec-opts\": [\"native.cgroupdriver=systemd\"] in daemon.json");
    }
    if (engine.ahead().abs().compareTo(CLOCK) > 0) {
      warn(
          ENGINE,
          "the engine's clock is %d s %s ours: it runs in another machine"
              .formatted(
                  engine.ahead().abs().toSeconds(),
                  engine.ahead().isNegative() ? "behind" : "ahead of"),
          "use the engine of this machine, or set its clock");
    }
    for (String warning : engine.info().warnings()) {
      advice.add(Advice.note(ENGINE, "it says: " + warning.replaceFirst("^WARNING: ", "")));
    }
  }

  private void storageAndLogs(Answers engine) {
    String storage = engine.info().storageDriver();
    if (STORAGE.containsKey(storage)) {
      warn(
          CONFIG,
          "the storage driver %s %s".formatted(storage, STORAGE.get(storage)),
          "\"storage-driver\": \"overlay2\" in daemon.json (images are pulled anew)");
    }
    String driver = engine.info().loggingDriver();
    if (!NOT_SENT.contains(driver)) {
      advice.add(Advice.note(
          CONFIG,
          "the log driver %s is not used for pods: their output is in CRI log files (docs/logs.md)"
              .formatted(driver)));
    }
  }

  private void defaults(Answers engine) {
    engine
        .problem()
        .ifPresent(why -> warn(CONFIG, why, "mend the file: dockerd will not start with it again"));
    if (engine.info().securityOptions().stream().anyMatch(o -> o.startsWith("name=userns"))) {
      advice.add(Advice.problem(
          CONFIG,
          "userns-remap is on: the engine refuses pods on the host's network, pid or ipc namespace"
              + " and privileged ones, and volumes belong to nobody inside",
          "remove \"userns-remap\" from daemon.json"));
    }
    if (engine.isOn("no-new-privileges")) {
      warn(
          CONFIG,
          "no-new-privileges is on: allowPrivilegeEscalation: true has no effect, setuid programs"
              + " fail",
          "remove \"no-new-privileges\" from daemon.json: a pod's security context says it");
    }
    for (String option : List.of("default-ulimits", "seccomp-profile")) {
      if (engine.options().containsKey(option)) {
        advice.add(Advice.note(
            CONFIG,
            "%s counts for pods too: %s".formatted(option, engine.options().get(option))));
      }
    }
    TreeSet<String> without = new TreeSet<>(engine.options().keySet());
    without.retainAll(OVERRIDDEN);
    if (!without.isEmpty()) {
      advice.add(Advice.note(
          CONFIG, "without effect on pods, whose own are set: " + String.join(", ", without)));
    }
    String runtime = engine.info().defaultRuntime();
    if (!runtime.isEmpty() && !runtime.equals("runc")) {
      advice.add(Advice.note(CONFIG, "pods run with the default runtime " + runtime));
    }
  }

  private void network(Answers engine, String plugin) {
    if (plugin.equals("docker") && engine.options().getOrDefault("iptables", "").equals("false")) {
      warn(
          CONFIG,
          "\"iptables\": false, and pods are on Docker's bridge: they reach nothing outside, and"
              + " host ports go through docker-proxy alone",
          "remove it, or use --network-plugin=cni");
    }
  }

  private void warn(String subject, String what, String fix) {
    advice.add(Advice.warning(subject, what, fix));
  }
}
