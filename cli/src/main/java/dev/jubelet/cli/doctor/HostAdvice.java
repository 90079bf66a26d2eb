package dev.jubelet.cli.doctor;

import dev.jubelet.cli.doctor.Facts.Disk;
import dev.jubelet.cli.doctor.Facts.Kernel;
import dev.jubelet.cli.doctor.Facts.Network;
import dev.jubelet.cli.doctor.Facts.Rival;
import dev.jubelet.linux.StatVfs;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the host, its network and its other programs mean for pods. Pure.
final class HostAdvice {
  private static final int OLDEST_MAJOR = 5;
  private static final int OLDEST_MINOR = 10;
  private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+)");

  /// The kernel's own defaults.
  private static final long INSTANCES = 128;

  private static final long WATCHES = 8192;

  /// Below so much the kubelet's default eviction would set in.
  private static final double LOW = 0.1;

  private static final double EMPTY = 0.01;
  private static final long MIB = 1 << 20;

  private final List<Advice> advice = new ArrayList<>();

  private HostAdvice() {}

  static List<Advice> of(Facts facts) {
    HostAdvice all = new HostAdvice();
    all.kernel(facts.kernel());
    all.network(facts.network());
    facts.disks().forEach(all::disk);
    facts.rivals().forEach(all::rival);
    for (String cleaner : facts.cleaners()) {
      all.warn(
          "cleaner",
          cleaner + " removes ended containers and unused images: pods lose restart counts and"
              + " logs, and pull anew",
          "leave cleaning to the agent, or keep its containers: --filter label!=dev.jubelet.owner");
    }
    return all.advice;
  }

  private void kernel(Kernel kernel) {
    Matcher release = RELEASE.matcher(kernel.release());
    if (release.lookingAt() && tooOld(release)) {
      advice.add(Advice.problem(
          "kernel",
          "Linux %s is older than %d.%d".formatted(kernel.release(), OLDEST_MAJOR, OLDEST_MINOR),
          "update the kernel: subPath mounts and the end of timed-out execs need newer calls"));
    }
    if (!kernel.cgroupV2()) {
      warn(
          "kernel",
          "cgroup v1: no pressure figures for each pod, and newer Kubernetes gives it up",
          "boot with systemd.unified_cgroup_hierarchy=1");
    }
    if (kernel.swap()) {
      warn(
          "kernel",
          "swap is on: jubelet node refuses to start",
          "swapoff -a and the line in /etc/fstab, or --fail-swap-on=false");
    }
    if (!kernel.rootShared()) {
      warn(
          "mounts",
          "/ is a private mount: pods cannot see later mounts (HostToContainer, Bidirectional)",
          "mount --make-rshared /");
    }
    limit("fs.inotify.max_user_instances", kernel.inotifyInstances(), INSTANCES);
    limit("fs.inotify.max_user_watches", kernel.inotifyWatches(), WATCHES);
  }

  private static boolean tooOld(Matcher release) {
    int major = Integer.parseInt(release.group(1));
    int minor = Integer.parseInt(release.group(2));
    return major < OLDEST_MAJOR || (major == OLDEST_MAJOR && minor < OLDEST_MINOR);
  }

  private void limit(String name, long value, long wanted) {
    if (value < wanted) {
      warn(
          "kernel",
          "%s is %d: manifests and logs are polled when it is used up".formatted(name, value),
          "sysctl -w %s=%d, and the same in /etc/sysctl.d".formatted(name, wanted));
    }
  }

  private void network(Network network) {
    network
        .problem()
        .ifPresent(why -> advice.add(Advice.problem(
            "network",
            "the %s network cannot be used: %s".formatted(network.plugin(), why),
            "mend the file or install the plugins (jubelet setup), or --network-plugin=docker")));
    if (network.plugin().equals("docker")) {
      advice.add(
          Advice.note("network", "no CNI network is configured: pods are on Docker's bridge"));
    }
    if (!network.plugin().equals("cni")) {
      return;
    }
    if (!network.iptables()) {
      warn(
          "network",
          "iptables is not installed: pods reach each other only if nothing else filters FORWARD",
          "apt-get install iptables");
    } else if (network.forwardPolicy().filter("DROP"::equals).isPresent()) {
      advice.add(Advice.note(
          "network",
          "the policy of FORWARD is DROP, and stays: while pods are on a bridge, a chain"
              + " JUBELET-FWD-… at its end lets them through"));
    }
  }

  private void disk(Disk disk) {
    StatVfs room = disk.room();
    String name = "%s (%s)".formatted(disk.what(), disk.path());
    double free = share(room.availableBytes(), room.totalBytes());
    double inodes = share(room.freeInodes(), room.totalInodes());
    String left = "%d MiB (%d %%) and %d %% of the inodes are free"
        .formatted(room.availableBytes() / MIB, percent(free), percent(inodes));
    if (Math.min(free, inodes) < EMPTY) {
      advice.add(Advice.problem("disk", name + " is full: " + left, "make room"));
    } else if (Math.min(free, inodes) < LOW) {
      warn(
          "disk",
          name + " is nearly full: " + left,
          "make room: docker image prune, journalctl" + " --vacuum-size=200M");
    }
  }

  /// Of file systems that do not count, all.
  private static double share(long part, long all) {
    return all == 0 ? 1 : (double) part / all;
  }

  private static long percent(double share) {
    return Math.round(share * 100);
  }

  private void rival(Rival rival) {
    String name = "%s (pid %d)".formatted(rival.program(), rival.pid());
    if (rival.program().equals("kubelet") && rival.runtime().contains("jubelet")) {
      return;
    }
    if (rival.runtime().contains("containerd") || rival.runtime().contains("crio")) {
      advice.add(Advice.note(
          "neighbour",
          name + " runs pods on " + rival.runtime() + ": give ours other ports and --root-dir"));
      return;
    }
    warn(
        "neighbour",
        name + " serves pods here too: what one starts, the other may stop, and its pods are not"
            + " taken over while it runs",
        "stop it, or keep it and give ours a root directory and sockets of its own");
  }

  private void warn(String subject, String what, String fix) {
    advice.add(Advice.warning(subject, what, fix));
  }
}
