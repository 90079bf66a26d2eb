package dev.jubelet.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This process's own oom_score_adj: when memory is short, what looks after the pods goes last.
public final class OomScoreAdj {
  private static final Logger LOG = LoggerFactory.getLogger(OomScoreAdj.class);
  private static final Path SELF = Path.of("/proc/self/oom_score_adj");

  private OomScoreAdj() {}

  /// Sets it, where the kernel lets us (lowering needs CAP_SYS_RESOURCE); else says so and goes on.
  ///
  /// @param wanted -1000 to 1000
  public static void set(int wanted) {
    set(SELF, wanted);
  }

  static void set(Path file, int wanted) {
    try {
      if (!Files.readString(file).strip().equals(String.valueOf(wanted))) {
        Files.writeString(file, String.valueOf(wanted));
      }
    } catch (IOException e) {
      LOG.warn(
          "oom_score_adj stays as it is, {} needs CAP_SYS_RESOURCE: when memory is short this process may be killed early ({})",
          wanted,
          e.toString());
    }
  }
}
