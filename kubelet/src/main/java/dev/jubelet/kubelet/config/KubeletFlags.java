package dev.jubelet.kubelet.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// The kubelet's command line, 1.17 to 1.37, with the configuration files that it names. A flag
/// beats a file of `--config-dir`, which beats `--config`, which beats the default.
public final class KubeletFlags {
  private static final String DNS_SUBDOMAIN =
      "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";

  private final List<String> problems = new ArrayList<>();
  private final Map<String, JsonNode> given;
  private final SortedMap<String, Tables.Key> keys = Tables.keys();
  private final Map<String, Tables.Flag> flags = Tables.flags(keys);

  private KubeletFlags(String[] args) {
    given = new CommandLine(flags, problems).parse(args);
  }

  /// @throws ConfigException naming every problem of flags and files at once
  public static KubeletSettings parse(String[] args) throws ConfigException {
    return new KubeletFlags(args).settings();
  }

  private KubeletSettings settings() throws ConfigException {
    ConfigFile files = new ConfigFile(keys, problems);
    path("config").ifPresent(files::read);
    path("config-dir").ifPresent(files::readDirectory);
    Effective values = new Effective(keys, files.values(), configFlags());
    if (problems.isEmpty()) {
      new ConfigValidation(values, problems).check();
    }
    String nodeName = nodeName();
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    KubeletConfiguration configuration = values.configuration();
    return new KubeletSettings(
        configuration,
        path("root-dir").orElse(Path.of("/var/lib/kubelet")).toAbsolutePath(),
        nodeName,
        list("node-ip"),
        dockershim(configuration.runtime().containerRuntimeEndpoint()),
        new KubeletSettings.DeadContainers(
            duration("minimum-container-ttl-duration", Duration.ZERO),
            integer("maximum-dead-containers-per-container", 1),
            integer("maximum-dead-containers", -1)),
        values.integer("logging.verbosity"),
        given.containsKey("help") && given.get("help").asBoolean(),
        string("version").filter(v -> !v.equals("false")),
        warnings(files.values()));
  }

  private Map<String, JsonNode> configFlags() {
    Map<String, JsonNode> byKey = new TreeMap<>();
    given.forEach((name, value) -> Optional.ofNullable(flags.get(name))
        .flatMap(Tables.Flag::key)
        .ifPresent(key -> byKey.put(key.path(), value)));
    return byKey;
  }

  /// `--container-runtime=docker` with an endpoint means, as in 1.17, the embedded shim that
  /// listens there.
  private KubeletSettings.Dockershim dockershim(String endpoint) throws ConfigException {
    String runtime = string("container-runtime").orElse("");
    if (runtime.equals("remote") && endpoint.isEmpty()) {
      throw new ConfigException(
          List.of("--container-runtime=remote needs --container-runtime-endpoint"));
    }
    boolean embedded = endpoint.isEmpty() || runtime.equals("docker");
    return new KubeletSettings.Dockershim(
        embedded,
        embedded && !endpoint.isEmpty() ? Optional.of(endpoint) : Optional.empty(),
        string("docker-endpoint").orElse(""),
        networkPlugin(),
        path("cni-conf-dir").orElse(Path.of("/etc/cni/net.d")),
        cniBinDirs(),
        path("cni-cache-dir").orElse(Path.of("/var/lib/cni/cache")),
        string("pod-infra-container-image").orElse(""),
        path("experimental-dockershim-root-directory").orElse(Path.of("/var/lib/dockershim")),
        duration("image-pull-progress-deadline", Duration.ofMinutes(1)));
  }

  private String networkPlugin() throws ConfigException {
    String plugin = string("network-plugin").orElse("");
    if (plugin.equals("kubenet")) {
      throw new ConfigException(
          List.of("--network-plugin: kubenet is not built: use cni with the bridge plugin"));
    }
    return plugin;
  }

  private List<Path> cniBinDirs() {
    List<String> given = list("cni-bin-dir");
    List<String> directories = given.isEmpty() ? List.of("/opt/cni/bin", "/usr/lib/cni") : given;
    return directories.stream().map(Path::of).toList();
  }

  private String nodeName() {
    String name = string("hostname-override").orElseGet(KubeletFlags::hostname);
    name = name.strip().toLowerCase(Locale.ROOT);
    if (name.length() > 253 || !name.matches(DNS_SUBDOMAIN)) {
      problems.add(
          "--hostname-override: the node's name must be a DNS name (lower case letters, digits,"
              + " '-' and '.'), is \"%s\"".formatted(name));
    }
    return name;
  }

  private static String hostname() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname"));
    } catch (IOException e) {
      return "";
    }
  }

  private List<String> warnings(Map<String, JsonNode> fileValues) {
    List<String> later = new ArrayList<>();
    List<String> none = new ArrayList<>();
    for (String name : given.keySet()) {
      Tables.Flag flag = flags.get(name);
      if (flag != null) {
        note(flag.state(), "--" + name, later, none);
      }
    }
    fileValues.forEach((path, value) -> {
      Tables.Key key = keys.get(path);
      if (key != null && Effective.isSet(key, value)) {
        note(key.state(), path, later, none);
      }
    });
    List<String> warnings = new ArrayList<>();
    if (!later.isEmpty()) {
      warnings.add("accepted but not built yet, so without effect: " + String.join(", ", later));
    }
    if (!none.isEmpty()) {
      warnings.add("accepted, without effect on this node: " + String.join(", ", none));
    }
    return warnings;
  }

  private static void note(Tables.State state, String name, List<String> later, List<String> none) {
    switch (state) {
      case BUILT -> {}
      case LATER -> later.add(name);
      case NONE -> none.add(name);
    }
  }

  private Optional<String> string(String flag) {
    return Optional.ofNullable(given.get(flag))
        .map(JsonNode::asString)
        .filter(text -> !text.isEmpty());
  }

  private Optional<Path> path(String flag) {
    return string(flag).map(Path::of);
  }

  private int integer(String flag, int otherwise) {
    return Optional.ofNullable(given.get(flag)).map(JsonNode::asInt).orElse(otherwise);
  }

  private Duration duration(String flag, Duration otherwise) {
    return string(flag).map(GoDuration::parse).orElse(otherwise);
  }

  private List<String> list(String flag) {
    JsonNode node = given.get(flag);
    return node == null ? List.of() : node.valueStream().map(JsonNode::asString).toList();
  }
}
