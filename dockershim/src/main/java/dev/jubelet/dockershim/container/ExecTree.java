package dev.jubelet.dockershim.container;

import dev.jubelet.linux.PidFd;
import dev.jubelet.linux.ProcFs;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The processes of one exec: its leader, pinned from early on, and what has the leader's session
/// or
/// group in the container's cgroup. A session's number is not given away while one of its members
/// lives, so leftovers of a leader that is gone are still known by it. What called setsid itself is
/// not found, and so is not killed.
final class ExecTree implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ExecTree.class);
  private static final int SIGKILL = 9;
  private static final Duration GONE = Duration.ofSeconds(1);

  private final long leader;
  private final Optional<PidFd> pinned;
  private final Map<String, String> cgroups;

  private ExecTree(long leader, Optional<PidFd> pinned, Map<String, String> cgroups) {
    this.leader = leader;
    this.pinned = pinned;
    this.cgroups = cgroups;
  }

  /// Pins the leader; empty when it is not a process of the container `containerPid` (the engine
  /// lives elsewhere, or the number is somebody else's by now).
  static Optional<ExecTree> of(long leader, long containerPid) {
    if (leader <= 1 || containerPid <= 1) {
      return Optional.empty();
    }
    Map<String, String> cgroups = ProcFs.cgroups(containerPid);
    if (cgroups.isEmpty()) {
      return Optional.empty();
    }
    Optional<PidFd> pinned = pin(leader);
    Map<String, String> own = ProcFs.cgroups(leader);
    if (pinned.isPresent() && !own.isEmpty() && !own.equals(cgroups)) {
      log.warn("exec process {} is not in the container's cgroup: it is left alone", leader);
      pinned.get().close();
      return Optional.empty();
    }
    return Optional.of(new ExecTree(leader, pinned, cgroups));
  }

  /// Kills the tree and waits until it is gone, for a second at most. Returns whether it is.
  boolean kill() throws IOException, InterruptedException {
    long end = System.nanoTime() + GONE.toNanos();
    while (true) {
      List<PidFd> members = members();
      try {
        if (members.isEmpty()) {
          return true;
        }
        for (PidFd member : members) {
          member.signal(SIGKILL);
        }
        for (PidFd member : members) {
          if (!member.awaitExit(Duration.ofNanos(Math.max(0, end - System.nanoTime())))) {
            return false;
          }
        }
      } finally {
        members.forEach(PidFd::close);
      }
    }
  }

  /// The living processes of the tree, each pinned before it was looked at.
  private List<PidFd> members() throws IOException {
    List<PidFd> members = new ArrayList<>();
    for (long pid : ProcFs.pids()) {
      if (pid > 1 && belongs(pid)) {
        Optional<PidFd> fd = pin(pid);
        if (fd.isPresent() && belongs(pid)) {
          members.add(fd.get());
        } else {
          fd.ifPresent(PidFd::close);
        }
      }
    }
    return members;
  }

  private boolean belongs(long pid) {
    return ProcFs.stat(pid)
        .filter(s -> s.state() != 'Z' && s.state() != 'X')
        .filter(s -> s.session() == leader || s.pgrp() == leader || pid == leader)
        .filter(s -> ProcFs.cgroups(pid).equals(cgroups))
        .isPresent();
  }

  private static Optional<PidFd> pin(long pid) {
    try {
      return Optional.of(PidFd.open(pid));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    pinned.ifPresent(PidFd::close);
  }
}
