package dev.jubelet.cli.bench;

import dev.jubelet.linux.Launcher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The bench's own CNI network (bridge, host-local, portmap) in its own directory, and the plugin
/// runs of the floor: what a pod needs,
/// with nothing around it.
final class BenchNetwork {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String BRIDGE = "jbench0";

  private final Path pluginDir;
  private final Path confDir;
  private final JsonNode conf;

  BenchNetwork(Path work) throws IOException {
    pluginDir = pluginDir();
    confDir = Files.createDirectories(work.resolve("net.d"));
    String text = """
        {"cniVersion":"1.0.0","name":"jubelet-bench","plugins":[
         {"type":"bridge","bridge":"%s","isGateway":true,"ipMasq":true,"hairpinMode":true,
          "ipam":{"type":"host-local","dataDir":"%s","ranges":[[{"subnet":"10.89.0.0/16"}]],
           "routes":[{"dst":"0.0.0.0/0"}]}},
         {"type":"portmap","capabilities":{"portMappings":true}}]}
        """.formatted(BRIDGE, work.resolve("leases"));
    Files.writeString(confDir.resolve("10-bench.conflist"), text);
    conf = JSON.readTree(text);
  }

  Path confDir() {
    return confDir;
  }

  Path binDir() {
    return pluginDir;
  }

  /// ADD or DEL by the whole chain for the namespace of `pid`.
  void run(String command, String containerId, long pid) throws IOException, InterruptedException {
    List<JsonNode> plugins = conf.get("plugins").valueStream().toList();
    if (command.equals("DEL")) {
      plugins = plugins.reversed();
    }
    JsonNode previous = null;
    for (JsonNode plugin : plugins) {
      ObjectNode stdin = (ObjectNode) plugin.deepCopy();
      stdin.set("cniVersion", conf.get("cniVersion"));
      stdin.set("name", conf.get("name"));
      stdin.putObject("runtimeConfig").putArray("portMappings");
      if (previous != null) {
        stdin.set("prevResult", previous);
      }
      byte[] answer = plugin(command, plugin.get("type").asString(), stdin, containerId, pid);
      if (command.equals("ADD")) {
        previous = JSON.readTree(answer);
      }
    }
  }

  private byte[] plugin(String command, String type, ObjectNode stdin, String id, long pid)
      throws IOException, InterruptedException {
    Map<String, String> env = Map.of(
        "CNI_COMMAND",
        command,
        "CNI_CONTAINERID",
        id,
        "CNI_NETNS",
        "/proc/" + pid + "/ns/net",
        "CNI_IFNAME",
        "eth0",
        "CNI_PATH",
        pluginDir.toString(),
        "PATH",
        "/usr/sbin:/usr/bin:/sbin:/bin");
    Launcher.Result result = Launcher.run(new Launcher.Command(
        List.of(pluginDir.resolve(type).toString()),
        env,
        stdin.toString().getBytes(StandardCharsets.UTF_8),
        Duration.ofSeconds(60),
        1 << 20));
    if (result.exitCode() != 0) {
      throw new IOException("cni plugin %s %s: %s"
          .formatted(type, command, new String(result.stdout(), StandardCharsets.UTF_8)));
    }
    return result.stdout();
  }

  /// Takes the bench's bridge away again.
  void close() throws IOException, InterruptedException {
    Launcher.run(new Launcher.Command(
        List.of("/usr/sbin/ip", "link", "del", BRIDGE),
        Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        new byte[0],
        Duration.ofSeconds(10),
        1 << 16));
  }

  private static Path pluginDir() throws IOException {
    for (String dir : List.of("/opt/cni/bin", "/usr/lib/cni")) {
      if (Files.isExecutable(Path.of(dir, "bridge"))) {
        return Path.of(dir);
      }
    }
    throw new IOException(
        "no CNI plugins in /opt/cni/bin or /usr/lib/cni: ./jubelet setup installs them");
  }
}
