package dev.jubelet.dockershim.state;

import dev.jubelet.linux.KernelLog;
import dev.jubelet.linux.OomKill;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which containers the kernel killed for want of memory, from its own log. The engine knows it
/// only when containerd looked before the container's cgroup was gone, which it does not always do
/// on a busy machine.
public final class OomKills implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OomKills.class);
  private static final Pattern ID = Pattern.compile("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])");
  private static final Path PIDS = Path.of("/proc/self/ns/pid");
  // The kernel's PROC_PID_INIT_INO.
  private static final String FIRST_PIDS = "pid:[4026531836]";

  private final EventFedState state;
  private final boolean pidsAreOurs;
  private Optional<KernelLog> kernel = Optional.empty();

  private OomKills(EventFedState state, boolean pidsAreOurs) {
    this.state = state;
    this.pidsAreOurs = pidsAreOurs;
  }

  /// Where the log cannot be read it says so, and the engine's word has to do.
  public static OomKills follow(EventFedState state) {
    OomKills kills = new OomKills(state, pidsAreOurs());
    try {
      kills.kernel = Optional.of(KernelLog.follow(kills::read));
    } catch (IOException e) {
      log.info(
          "A container that the kernel kills for want of memory is named so when the engine says it: {}",
          e.getMessage());
    }
    return kills;
  }

  private static boolean pidsAreOurs() {
    try {
      return Files.readSymbolicLink(PIDS).toString().equals(FIRST_PIDS);
    } catch (IOException e) {
      return false;
    }
  }

  private void read(String record) {
    OomKill.of(record).ifPresent(kill -> {
      for (String cgroup : kill.cgroups()) {
        Matcher id = ID.matcher(cgroup);
        while (id.find()) {
          state.outOfMemory(id.group());
        }
      }
      if (pidsAreOurs && kill.pid() > 0) {
        state.outOfMemory(kill.pid());
      }
    });
  }

  @Override
  public void close() {
    kernel.ifPresent(KernelLog::close);
  }
}
