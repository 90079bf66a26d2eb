package dev.jubelet.cli.doctor;

import dev.jubelet.cli.doctor.Census.Member;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Files, directories and mounts of pods that there are not, and those that a pod lacks. Pure.
final class FileCheck {
  private static final int PARTS_OF_LOG_DIRECTORY = 3;

  private final Seen seen;
  private final Census census;
  private final Given given;
  private final Set<String> uids;
  private final List<Finding> findings = new ArrayList<>();

  FileCheck(Seen seen, Census census, Given given) {
    this.seen = seen;
    this.census = census;
    this.given = given;
    this.uids = census.uids();
  }

  List<Finding> findings() {
    for (Home home : seen.homes()) {
      pods(home);
      logs(home);
      of(home.checkpoints(), "checkpoint", "sandbox");
      of(home.logCheckpoints(), "log-checkpoint", "container");
      home.halfWritten()
          .forEach(file ->
              leak("temporary-file", file, "the process that wrote it is gone", "rm " + file));
      for (Member sandbox : census.running()) {
        if (sandbox.owner().equals(home.owner())) {
          parts(home, sandbox);
        }
      }
    }
    return findings;
  }

  private void pods(Home home) {
    Set<String> gone = new HashSet<>(home.pods().orElse(Set.of()));
    gone.removeAll(uids);
    gone.removeAll(home.begun());
    for (String uid : gone) {
      Path pod = home.place().pods().resolve(uid);
      leak(
          "pod-directory",
          pod,
          "the engine has no container of this pod",
          "rm -rf --one-file-system " + pod);
    }
    for (Path mount : seen.mounts()) {
      if (mount.startsWith(home.place().pods())) {
        Path below = home.place().pods().relativize(mount);
        String uid = below.getName(0).toString();
        if (!uid.isEmpty() && !uids.contains(uid) && !home.begun().contains(uid)) {
          leak("mount", mount, "the engine has no container of its pod", "umount " + mount);
        }
      }
    }
  }

  private void logs(Home home) {
    for (String name : home.podLogs()) {
      Path directory = home.place().podLogs().resolve(name);
      log(name, "log-directory", directory, "rm -r " + directory);
    }
    home.links().forEach((link, name) -> log(name, "log-link", link, "rm " + link));
  }

  /// The directory `<namespace>_<name>_<uid>` may be another kubelet's, which writes to the same
  /// place.
  private void log(String name, String kind, Path path, String fix) {
    String[] parts = name.split("_");
    if (parts.length != PARTS_OF_LOG_DIRECTORY || known(parts[2])) {
      return;
    }
    if (!parts[1].endsWith(given.nodeEnding())) {
      findings.add(Finding.foreign(kind, path.toString(), "of another node's pod by its name"));
    } else {
      leak(kind, path, "there is no pod with this uid", fix);
    }
  }

  private boolean known(String uid) {
    return uids.contains(uid)
        || seen.homes().stream().anyMatch(home -> home.hasPod(uid))
        || seen.elsewhere().contains(uid);
  }

  private void of(Map<Path, String> files, String kind, String whose) {
    files.forEach((file, id) -> {
      if (!census.exists(id)) {
        leak(kind, file, "its %s %s is gone".formatted(whose, Finding.brief(id)), "rm " + file);
      }
    });
  }

  private void parts(Home home, Member sandbox) {
    String pod = "pod " + sandbox.pod() + " runs in sandbox " + Finding.brief(sandbox.id());
    String anew = given.removal(sandbox.id());
    if (!home.checkpoints().containsValue(sandbox.id())) {
      Path file = home.place().checkpoints().resolve(sandbox.id());
      findings.add(Finding.missing("checkpoint", file.toString(), pod, anew));
    }
    if (home.pods().isPresent() && !home.hasPod(sandbox.name().uid())) {
      Path directory = home.place().pods().resolve(sandbox.name().uid());
      findings.add(Finding.missing("pod-directory", directory.toString(), pod, anew));
    }
    boolean joined =
        seen.joined().stream().anyMatch(entry -> entry.sandboxId().equals(sandbox.id()));
    boolean cni =
        given.cni() || seen.joined().stream().anyMatch(entry -> entry.owner().equals(home.owner()));
    if (cni && !joined && sandbox.container().networkMode().equals("none")) {
      findings.add(Finding.missing("cni-result", sandbox.id(), pod + " without a network", anew));
    }
  }

  private void leak(String kind, Path path, String why, String fix) {
    findings.add(Finding.leak(kind, path.toString(), why, fix));
  }
}
