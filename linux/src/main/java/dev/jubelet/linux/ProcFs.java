package dev.jubelet.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Reads `/proc/<pid>`. A process that is gone is an empty answer, never an error.
public final class ProcFs {
  private static final Path PROC = Path.of("/proc");

  // fields of stat after the last ')', counted from the state
  private static final int PPID = 1;
  private static final int PGRP = 2;
  private static final int SESSION = 3;
  private static final int START_TIME = 19;

  private ProcFs() {}

  /// @param startTime in clock ticks since boot; with the pid it names a process uniquely
  /// @param state `R`, `S`, `D`, `Z`, …
  public record ProcStat(
      long pid, String comm, long ppid, long pgrp, long session, long startTime, char state) {}

  public static Optional<ProcStat> stat(long pid) {
    return read(pid, "stat").flatMap(text -> parseStat(pid, text));
  }

  static Optional<ProcStat> parseStat(long pid, String text) {
    int open = text.indexOf('(');
    int close = text.lastIndexOf(')'); // a name may hold ')' and spaces
    if (open < 0 || close < open) {
      return Optional.empty();
    }
    String[] fields = text.substring(close + 1).strip().split(" ");
    if (fields.length <= START_TIME) {
      return Optional.empty();
    }
    return Optional.of(new ProcStat(
        pid,
        text.substring(open + 1, close),
        Long.parseLong(fields[PPID]),
        Long.parseLong(fields[PGRP]),
        Long.parseLong(fields[SESSION]),
        Long.parseLong(fields[START_TIME]),
        fields[0].charAt(0)));
  }

  /// Cgroup path by controller (`memory` → `/docker/…`); the key of v2 is the empty string. Empty
  /// when the process is gone.
  public static Map<String, String> cgroups(long pid) {
    return read(pid, "cgroup").map(ProcFs::parseCgroups).orElse(Map.of());
  }

  static Map<String, String> parseCgroups(String text) {
    Map<String, String> paths = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      String[] fields = line.split(":", 3);
      if (fields.length == 3) {
        for (String controller : fields[1].split(",", -1)) {
          paths.put(controller, fields[2]);
        }
      }
    }
    return paths;
  }

  /// The effective capabilities as a bit set (bit 24 is CAP_SYS_RESOURCE).
  ///
  /// @throws IOException when the process is gone or unreadable
  public static long capEff(long pid) throws IOException {
    String text = Files.readString(PROC.resolve(pid + "/status"));
    return text.lines()
        .filter(line -> line.startsWith("CapEff:"))
        .map(line -> Long.parseUnsignedLong(line.substring("CapEff:".length()).strip(), 16))
        .findFirst()
        .orElseThrow(() -> new IOException("/proc/" + pid + "/status has no CapEff"));
  }

  /// All processes that this pid namespace shows.
  public static List<Long> pids() throws IOException {
    try (Stream<Path> entries = Files.list(PROC)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.chars().allMatch(Character::isDigit))
          .map(Long::valueOf)
          .toList();
    }
  }

  /// Identity of one of the process's namespaces (`net:[4026531840]`).
  ///
  /// @param kind `net`, `pid`, `mnt`, …
  public static Optional<String> namespace(long pid, String kind) {
    try {
      return Optional.of(
          Files.readSymbolicLink(PROC.resolve(pid + "/ns/" + kind)).toString());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> read(long pid, String file) {
    try {
      return Optional.of(Files.readString(PROC.resolve(pid + "/" + file)));
    } catch (IOException e) { // not there, or ESRCH: it went while we read
      return Optional.empty();
    }
  }
}
