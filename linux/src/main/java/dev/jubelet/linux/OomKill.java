package dev.jubelet.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A kill for want of memory, as one record of the kernel's log tells it. Of one kill there are
/// several: which cgroups (not more than ten in 5 s), which process (always).
///
/// @param cgroups of the process and, where a limit was reached, of that limit; empty when the
/// record does not tell
/// @param pid of the process in the machine's first pid namespace; 0 when the record does not tell
public record OomKill(List<String> cgroups, long pid) {
  // Since Linux 5.0.
  private static final Pattern CONTEXT =
      Pattern.compile("(?:,oom_memcg=([^,]*))?,task_memcg=([^,]*),task=");
  private static final Pattern OLD_CONTEXT =
      Pattern.compile("^Task in (\\S+) killed as a result of limit of (\\S+)");
  private static final Pattern VICTIM = Pattern.compile("\\bKilled process (\\d{1,10})[ ,]");

  /// Empty of any other record.
  public static Optional<OomKill> of(String record) {
    if (record.startsWith("oom-kill:")) {
      return of(CONTEXT.matcher(record));
    }
    if (record.startsWith("Task in ")) {
      return of(OLD_CONTEXT.matcher(record));
    }
    Matcher victim = VICTIM.matcher(record);
    return record.contains("Killed process") && victim.find()
        ? Optional.of(new OomKill(List.of(), Long.parseLong(victim.group(1))))
        : Optional.empty();
  }

  private static Optional<OomKill> of(Matcher context) {
    if (!context.find()) {
      return Optional.empty();
    }
    List<String> cgroups = new ArrayList<>();
    for (int i = 1; i <= context.groupCount(); i++) {
      String cgroup = context.group(i);
      if (cgroup != null && !cgroups.contains(cgroup)) {
        cgroups.add(cgroup);
      }
    }
    return Optional.of(new OomKill(List.copyOf(cgroups), 0));
  }
}
