package dev.jubelet.dockershim.container;

import dev.jubelet.cri.v1.Signal;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The signal that ends a container, between the CRI's names and Docker's (`SIGRTMIN+3`, `TERM`,
/// `15`). Pure.
final class StopSignal {
  /// Numbers as on x86 and ARM, where signal(7) has them all.
  private static final Map<Integer, Signal> NUMBERS = Map.ofEntries(
      Map.entry(1, Signal.SIGHUP),
      Map.entry(2, Signal.SIGINT),
      Map.entry(3, Signal.SIGQUIT),
      Map.entry(4, Signal.SIGILL),
      Map.entry(5, Signal.SIGTRAP),
      Map.entry(6, Signal.SIGABRT),
      Map.entry(7, Signal.SIGBUS),
      Map.entry(8, Signal.SIGFPE),
      Map.entry(9, Signal.SIGKILL),
      Map.entry(10, Signal.SIGUSR1),
      Map.entry(11, Signal.SIGSEGV),
      Map.entry(12, Signal.SIGUSR2),
      Map.entry(13, Signal.SIGPIPE),
      Map.entry(14, Signal.SIGALRM),
      Map.entry(15, Signal.SIGTERM),
      Map.entry(16, Signal.SIGSTKFLT),
      Map.entry(17, Signal.SIGCHLD),
      Map.entry(18, Signal.SIGCONT),
      Map.entry(19, Signal.SIGSTOP),
      Map.entry(20, Signal.SIGTSTP),
      Map.entry(21, Signal.SIGTTIN),
      Map.entry(22, Signal.SIGTTOU),
      Map.entry(23, Signal.SIGURG),
      Map.entry(24, Signal.SIGXCPU),
      Map.entry(25, Signal.SIGXFSZ),
      Map.entry(26, Signal.SIGVTALRM),
      Map.entry(27, Signal.SIGPROF),
      Map.entry(28, Signal.SIGWINCH),
      Map.entry(29, Signal.SIGIO),
      Map.entry(30, Signal.SIGPWR),
      Map.entry(31, Signal.SIGSYS));

  private StopSignal() {}

  /// As Docker writes it; null for the image's own.
  ///
  /// @throws IllegalArgumentException for one that this CRI does not have
  static @Nullable String docker(Signal signal) {
    return switch (signal) {
      case RUNTIME_DEFAULT -> null;
      case UNRECOGNIZED ->
        throw new IllegalArgumentException("stop_signal is unknown to this runtime");
      default -> signal.name().replace("PLUS", "+").replace("MINUS", "-");
    };
  }

  /// What Docker will send: SIGTERM when nobody chose one. RUNTIME_DEFAULT for one that the CRI
  /// has no name for.
  static Signal cri(String docker) {
    if (docker.isEmpty()) {
      return Signal.SIGTERM;
    }
    if (docker.chars().allMatch(c -> c >= '0' && c <= '9') && docker.length() < 4) {
      return NUMBERS.getOrDefault(Integer.parseInt(docker), Signal.RUNTIME_DEFAULT);
    }
    String name = docker.toUpperCase(Locale.ROOT).replace("+", "PLUS").replace("-", "MINUS");
    String full = name.startsWith("SIG") ? name : "SIG" + name;
    for (Signal signal : Signal.values()) {
      if (signal.name().equals(full)) {
        return signal;
      }
    }
    return Signal.RUNTIME_DEFAULT;
  }
}
