package dev.jubelet.dockershim;

import dev.jubelet.dockershim.DockershimConfig.Network;
import java.io.Serial;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// cri-dockerd's flags, and the names that the kubelet of 1.20 had for the same.
///
/// @param warnings one for each flag that is accepted without effect
/// @param logLevel `error`, `warn`, `info`, `debug` or `trace`
public record DockershimFlags(
    Action action, DockershimConfig config, List<String> warnings, String logLevel) {
  /// What the command line asks for.
  public enum Action {
    RUN,
    /// The way back to dockershim or cri-dockerd.
    RESTORE_LOG_LINKS,
    VERSION,
    HELP
  }

  private static final String SOCKET = "container-runtime-endpoint";
  private static final String ROOT = "cri-dockerd-root-directory";
  private static final String LINKS = "restore-log-links";
  private static final String OLD_ROOT = "experimental-dockershim-root-directory";

  /// Flags with an effect and what they mean.
  private static final Map<String, String> USED = Map.ofEntries(
      Map.entry(SOCKET, "where the CRI is served: a unix socket's path"),
      Map.entry("docker-endpoint", "the engine's unix socket; empty: DOCKER_HOST, context"),
      Map.entry(ROOT, "what must survive a restart"),
      Map.entry(OLD_ROOT, "the same, by its name of kubelet 1.20"),
      Map.entry("pod-infra-container-image", "sandbox image; empty: the built-in one"),
      Map.entry("image-pull-progress-deadline", "a pull may make no progress so long"),
      Map.entry("runtime-request-timeout", "of short engine calls; 0: 1m59s"),
      Map.entry("network-plugin", "cni, none or docker (also as \"\" and no-op)"),
      Map.entry("cni-conf-dir", "CNI configuration"),
      Map.entry("cni-bin-dir", "CNI plugins, comma separated"),
      Map.entry("cni-cache-dir", "CNI results"),
      Map.entry("pod-cidr", "for CNI's ipRanges"),
      Map.entry(LINKS, "only makes the logs of running containers Docker's own again, and ends"),
      Map.entry("adopt", "take over containers of dockershim and cri-dockerd"),
      Map.entry("log-level", "error, warn, info, debug or trace"));

  /// Flags of the originals that change nothing here, with the reason.
  private static final Map<String, String> IDLE = Map.ofEntries(
      Map.entry("streaming-bind-addr", "streaming is not built yet"),
      Map.entry("streaming-connection-idle-timeout", "streaming is not built yet"),
      Map.entry("redirect-container-streaming", "it has no effect in the original either"),
      Map.entry("runtime-cgroups", "the engine's own processes are not moved"),
      Map.entry("network-plugin-mtu", "it is kubenet's"),
      Map.entry("hairpin-mode", "it is kubenet's; CNI's bridge plugin has hairpinMode"),
      Map.entry("non-masquerade-cidr", "it is kubenet's"),
      Map.entry("ipv6-dual-stack", "all addresses of a pod are always reported"),
      Map.entry("container-runtime", "this is the docker runtime"),
      Map.entry("image-service-endpoint", "images are served on the runtime's socket"),
      Map.entry("cgroup-driver", "the engine's own driver is taken"),
      Map.entry("seccomp-profile-root", "profiles come with absolute paths"),
      Map.entry("minimum-container-ttl-duration", "the kubelet collects garbage"),
      Map.entry("maximum-dead-containers-per-container", "the kubelet collects garbage"),
      Map.entry("maximum-dead-containers", "the kubelet collects garbage"));

  private static final Set<String> SWITCHES = Set.of(
      "adopt",
      LINKS,
      "ipv6-dual-stack",
      "redirect-container-streaming",
      "version",
      "buildinfo",
      "help");
  private static final Set<Path> FOREIGN = Set.of(
      Path.of("/var/run/cri-dockerd.sock"),
      Path.of("/run/cri-dockerd.sock"),
      Path.of("/var/run/dockershim.sock"),
      Path.of("/run/dockershim.sock"),
      Path.of("/var/lib/cri-dockerd"),
      Path.of("/var/lib/dockershim"));
  private static final Pattern DURATION_PART =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ns|us|µs|ms|s|m|h)");

  /// With our own defaults for the socket and the root directory.
  public static DockershimFlags parse(String[] args) throws FlagException {
    return parse(args, "/run/jubelet/dockershim.sock", "/var/lib/jubelet/dockershim");
  }

  /// With cri-dockerd's defaults, for a link of its name.
  public static DockershimFlags parseAsCriDockerd(String[] args) throws FlagException {
    return parse(args, "/var/run/cri-dockerd.sock", "/var/lib/cri-dockerd");
  }

  private static DockershimFlags parse(String[] args, String socket, String root)
      throws FlagException {
    List<String> problems = new ArrayList<>();
    Map<String, String> given = read(args, problems);
    List<String> warnings = new ArrayList<>();
    given.keySet().stream()
        .filter(IDLE::containsKey)
        .sorted()
        .forEach(f -> warnings.add("flag --" + f + " has no effect: " + IDLE.get(f)));
    Values values = new Values(given, problems);
    String level = values.oneOf("log-level", "info", "error", "warn", "info", "debug", "trace");
    DockershimConfig config = config(values, socket, root);
    boolean links = values.isSet(LINKS);
    if (!problems.isEmpty()) {
      throw new FlagException(problems);
    }
    return new DockershimFlags(action(given, links), config, List.copyOf(warnings), level);
  }

  private static DockershimConfig config(Values values, String socket, String root) {
    Path at = values.socket(SOCKET, socket);
    Path directory = values.path(ROOT, values.text(OLD_ROOT, root));
    Network defaults = Network.of("cni");
    String image = values.text("pod-infra-container-image", "");
    return new DockershimConfig(
        at,
        directory,
        values.text("docker-endpoint", ""),
        image.isEmpty() ? Optional.empty() : Optional.of(image),
        values.duration("runtime-request-timeout", Duration.ZERO),
        values.duration("image-pull-progress-deadline", Duration.ofMinutes(1)),
        new Network(
            values.plugin(),
            values.path("cni-conf-dir", defaults.confDir().toString()),
            values.paths("cni-bin-dir", defaults.binDirs()),
            values.path("cni-cache-dir", defaults.cacheDir().toString()),
            values.text("pod-cidr", "")),
        values.isSet("adopt") || FOREIGN.contains(at) || FOREIGN.contains(directory),
        Optional.empty());
  }

  private static Action action(Map<String, String> given, boolean links) {
    if (given.containsKey("help")) {
      return Action.HELP;
    }
    if (given.containsKey("version") || given.containsKey("buildinfo")) {
      return Action.VERSION;
    }
    return links ? Action.RESTORE_LOG_LINKS : Action.RUN;
  }

  /// One line for each flag with an effect.
  public static String help() {
    StringBuilder text = new StringBuilder();
    USED.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(e -> text.append("  --%-40s %s%n".formatted(e.getKey(), e.getValue())));
    return text.toString();
  }

  private static Map<String, String> read(String[] args, List<String> problems) {
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i < args.length; i++) {
      if (!args[i].startsWith("-") || args[i].equals("-")) {
        problems.add("\"" + args[i] + "\" is no flag: dockershim takes flags only");
        continue;
      }
      String[] parts = args[i].replaceFirst("^--?", "").split("=", 2);
      String name = parts[0].equals("h") ? "help" : parts[0];
      if (!USED.containsKey(name) && !IDLE.containsKey(name) && !SWITCHES.contains(name)) {
        problems.add("unknown flag --" + name + ": did you mean --" + nearest(name) + "?");
        continue;
      }
      if (parts.length == 2) {
        given.put(name, parts[1]);
      } else if (SWITCHES.contains(name)) {
        given.put(name, "true");
      } else if (++i < args.length) {
        given.put(name, args[i]);
      } else {
        problems.add("flag --" + name + " needs a value");
      }
    }
    return given;
  }

  private static String nearest(String name) {
    List<String> known = new ArrayList<>(USED.keySet());
    known.addAll(IDLE.keySet());
    known.addAll(SWITCHES);
    return known.stream()
        .sorted()
        .min(Comparator.comparingInt(k -> distance(name, k)))
        .orElse("help");
  }

  /// Edits that turn one word into the other (Levenshtein).
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, j -> j);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  /// The values as their types; what is wrong is added to the problems.
  private record Values(Map<String, String> given, List<String> problems) {
    String text(String flag, String fallback) {
      return given.getOrDefault(flag, fallback);
    }

    boolean isSet(String flag) {
      return switch (text(flag, "false")) {
        case "true", "1", "t", "T", "TRUE", "True" -> true;
        case "false", "0", "f", "F", "FALSE", "False" -> false;
        default -> wrong(flag, "must be true or false", false);
      };
    }

    Path path(String flag, String fallback) {
      Path path = Path.of(text(flag, fallback));
      return path.isAbsolute() ? path : wrong(flag, "must be an absolute path", Path.of(fallback));
    }

    List<Path> paths(String flag, List<Path> fallback) {
      String text = text(flag, "");
      return text.isEmpty()
          ? fallback
          : Arrays.stream(text.split(",")).map(Path::of).toList();
    }

    Path socket(String flag, String fallback) {
      String text = text(flag, fallback);
      String path = text.startsWith("unix://") ? text.substring("unix://".length()) : text;
      return path.startsWith("/")
          ? Path.of(path)
          : wrong(
              flag,
              "must be unix:// and an absolute path; fd://, tcp:// and npipe:// are not supported",
              Path.of(fallback));
    }

    String oneOf(String flag, String fallback, String... allowed) {
      String text = text(flag, fallback);
      return Arrays.asList(allowed).contains(text)
          ? text
          : wrong(flag, "must be one of " + Arrays.toString(allowed), fallback);
    }

    String plugin() {
      return switch (text("network-plugin", "cni")) {
        case "cni" -> "cni";
        case "none" -> "none";
        case "docker", "", "no-op" -> "docker";
        case "kubenet" ->
          wrong("network-plugin", "kubenet is not supported: use cni's bridge plugin", "cni");
        default -> wrong("network-plugin", "must be cni, none or docker", "cni");
      };
    }

    /// As Go writes it: `1m30s`, `0`.
    Duration duration(String flag, Duration fallback) {
      String text = text(flag, "");
      if (text.isEmpty()) {
        return fallback;
      }
      if (text.equals("0")) {
        return Duration.ZERO;
      }
      Matcher part = DURATION_PART.matcher(text);
      double nanos = 0;
      int end = 0;
      while (part.find() && part.start() == end) {
        nanos += Double.parseDouble(part.group(1)) * nanos(part.group(2));
        end = part.end();
      }
      return end == text.length()
          ? Duration.ofNanos((long) nanos)
          : wrong(flag, "must be a duration as 1m30s", fallback);
    }

    private static double nanos(String unit) {
      return switch (unit) {
        case "h" -> 3600e9;
        case "m" -> 60e9;
        case "s" -> 1e9;
        case "ms" -> 1e6;
        case "ns" -> 1;
        default -> 1e3;
      };
    }

    private <T> T wrong(String flag, String problem, T instead) {
      problems.add("flag --" + flag + " \"" + given.getOrDefault(flag, "") + "\" " + problem);
      return instead;
    }
  }

  /// The command line cannot be used; every problem is told.
  public static final class FlagException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final transient List<String> problems;

    FlagException(List<String> problems) {
      super(String.join("; ", problems));
      this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
      return problems;
    }
  }
}
