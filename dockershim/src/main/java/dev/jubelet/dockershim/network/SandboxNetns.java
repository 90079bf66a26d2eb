package dev.jubelet.dockershim.network;

import dev.jubelet.linux.KernelCalls;
import dev.jubelet.linux.Netns;
import dev.jubelet.linux.ProcFs;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// The network namespace of a sandbox's process. `identity` (`net:[4026532713]`) tells it from the
/// namespace of another process that got the same id later.
record SandboxNetns(long pid, String identity) {
  private static final Duration LOOPBACK = Duration.ofSeconds(10);

  /// Empty when the process is gone or has no namespace of its own.
  static Optional<SandboxNetns> of(long pid) {
    Optional<String> host = ProcFs.namespace(ProcessHandle.current().pid(), "net");
    return pid <= 0
        ? Optional.empty()
        : ProcFs.namespace(pid, "net")
            .filter(identity -> !Optional.of(identity).equals(host))
            .map(identity -> new SandboxNetns(pid, identity));
  }

  String path() {
    return "/proc/" + pid + "/ns/net";
  }

  boolean stillThere() {
    return of(pid).equals(Optional.of(this));
  }

  void loopbackUp() throws IOException {
    KernelCalls.call("loopback of process " + pid, LOOPBACK, () -> {
      Netns.loopbackUp(pid);
      return pid;
    });
  }
}
