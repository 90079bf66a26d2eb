package dev.jubelet.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class CniTest {
  private static final Duration BUDGET = Duration.ofSeconds(20);
  private static final String RESULT = """
      {"cniVersion":"1.0.0","interfaces":[{"name":"cni0","mac":"aa:bb"},
       {"name":"eth0","sandbox":"/proc/7/ns/net"}],
       "ips":[{"address":"10.1.0.5/16","gateway":"10.1.0.1","interface":1},{"address":"fd00::5/64"}],
       "routes":[{"dst":"0.0.0.0/0","gw":"10.1.0.1"}],"dns":{"nameservers":["10.1.0.1"]}}\
      """;

  @TempDir
  Path dir;

  private FakePlugins plugins;
  private ResultCache cache;
  private Cni cni;
  private final List<String> heard = new ArrayList<>();

  @BeforeEach
  void setUp() throws IOException {
    plugins = new FakePlugins(Files.createDirectory(dir.resolve("bin")));
    cache = new ResultCache(dir.resolve("cache"));
    cni = new Cni(plugins.dirs(), cache, (plugin, command, id) -> {
      heard.add(command + " " + plugin + " " + id);
      return failure -> heard.add(failure.map(Exception::getMessage).orElse("ok"));
    });
  }

  @Test
  void addChainsPluginsAndDelRunsThemBackwards() throws Exception {
    plugins.answering("bridge", RESULT);
    plugins.answering("portmap", RESULT.replace("10.1.0.5", "10.1.0.6"));
    NetworkConf network = network("1.0.0", "bridge", "portmap");

    CniResult result = cni.add(network, attachment(), Map.of("owner", "me"), BUDGET);

    assertThat(result.ips()).extracting(CniResult.Ip::host).containsExactly("10.1.0.6", "fd00::5");
    assertThat(result.ips().getLast().isIpv6()).isTrue();
    assertThat(result.interfaces().getFirst().sandbox()).isEmpty();
    assertThat(result.routes().getFirst().destination()).isEqualTo("0.0.0.0/0");
    assertThat(result.dns().nameservers()).containsExactly("10.1.0.1");
    JsonNode second = Json.MAPPER.readTree(plugins.input("portmap", "ADD"));
    assertThat(second.at("/prevResult/ips/0/address").stringValue("")).isEqualTo("10.1.0.5/16");
    assertThat(second.at("/name").stringValue("")).isEqualTo("net");
    assertThat(second.at("/cniVersion").stringValue("")).isEqualTo("1.0.0");
    assertThat(second.at("/extra").intValue()).isEqualTo(42);

    cni.del(network, attachment(), BUDGET);

    assertThat(plugins.calls())
        .containsExactly("ADD bridge", "ADD portmap", "DEL portmap", "DEL bridge");
    JsonNode deleted = Json.MAPPER.readTree(plugins.input("bridge", "DEL"));
    assertThat(deleted.at("/prevResult/ips/0/address").stringValue("")).isEqualTo("10.1.0.6/16");
    assertThat(cache.all()).isEmpty();
    assertThat(heard).startsWith("ADD bridge c1", "ok").endsWith("DEL bridge c1", "ok");
  }

  @Test
  void pluginsGetTheirEnvironmentAndNoStrayVariables() throws Exception {
    plugins.answering("bridge", RESULT);

    cni.add(network("1.0.0", "bridge"), attachment(), Map.of(), BUDGET);

    assertThat(plugins.environment("bridge", "ADD"))
        .contains(
            "CNI_COMMAND=ADD",
            "CNI_CONTAINERID=c1",
            "CNI_NETNS=/proc/7/ns/net",
            "CNI_IFNAME=eth0",
            "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAME=web",
            "CNI_PATH=" + plugins.dir())
        .anyMatch(line -> line.startsWith("PATH="));
  }

  @Test
  void aPluginSeesOnlyTheCapabilitiesThatItDeclares() throws Exception {
    plugins.answering("bridge", RESULT).answering("portmap", RESULT);
    NetworkConf network = parse("""
        {"cniVersion":"1.0.0","name":"net","plugins":[
         {"type":"bridge","capabilities":{"ipRanges":true}},
         {"type":"portmap","capabilities":{"portMappings":true,"bandwidth":false}}]}\
        """);
    Map<String, JsonNode> values = new LinkedHashMap<>();
    values.put("portMappings", Json.MAPPER.readTree("[{\"hostPort\":80}]"));
    values.put("bandwidth", Json.MAPPER.readTree("{\"ingressRate\":1}"));

    cni.add(network, attachment(values), Map.of(), BUDGET);

    assertThat(Json.MAPPER
            .readTree(plugins.input("portmap", "ADD"))
            .at("/runtimeConfig")
            .toString())
        .isEqualTo("{\"portMappings\":[{\"hostPort\":80}]}");
    assertThat(Json.MAPPER.readTree(plugins.input("bridge", "ADD")).has("runtimeConfig"))
        .isFalse();
    assertThat(network.takes("portMappings")).isTrue();
    assertThat(network.takes("bandwidth")).isFalse();
  }

  @Test
  void theAttemptIsInTheCacheBeforeAPluginRuns() throws Exception {
    plugins.plugin("bridge", "cp ../cache/results/net-c1-eth0 seen; exit 1");

    assertThatThrownBy(
            () -> cni.add(network("1.0.0", "bridge"), attachment(), Map.of("owner", "me"), BUDGET))
        .isInstanceOf(CniException.class);

    CachedAttachment seen =
        CachedAttachment.fromJson(Files.readAllBytes(plugins.dir().resolve("seen")));
    assertThat(seen.result()).isEmpty();
    assertThat(seen.notes()).containsEntry("owner", "me");
    assertThat(cache.of("c1")).containsExactly(seen);
    assertThat(seen.network()).isEqualTo(network("1.0.0", "bridge"));
  }

  @Test
  void aDelCutShortLeavesAnEntryThatSaysSo() throws Exception {
    plugins.answering("bridge", RESULT);
    cni.add(network("1.0.0", "bridge"), attachment(), Map.of("owner", "me"), BUDGET);
    CachedAttachment whole = cache.all().getFirst();
    assertThat(whole.leaving()).isFalse();
    Files.delete(plugins.dir().resolve("bridge"));

    assertThatThrownBy(() -> cni.del(whole, attachment(), BUDGET)).isInstanceOf(CniException.class);

    CachedAttachment left = cache.all().getFirst();
    assertThat(left.leaving()).isTrue();
    assertThat(left.parsedResult()).isEqualTo(whole.parsedResult());
    assertThat(left.notes()).containsEntry("owner", "me");
  }

  @Test
  void anErrorObjectBecomesTheException() throws Exception {
    plugins.plugin(
        "bridge",
        "echo '{\"cniVersion\":\"1.0.0\",\"code\":11,\"msg\":\"try later\",\"details\":\"busy\"}';"
            + " exit 1");

    assertThatThrownBy(() -> cni.add(network("1.0.0", "bridge"), attachment(), Map.of(), BUDGET))
        .hasMessage("plugin type=\"bridge\" failed (add): try later; busy")
        .asInstanceOf(type(CniException.class))
        .satisfies(e -> {
          assertThat(e.plugin()).contains("bridge");
          assertThat(e.code()).hasValue(11);
          assertThat(e.details()).isEqualTo("busy");
        });
    assertThat(heard).last().isEqualTo("plugin type=\"bridge\" failed (add): try later; busy");
  }

  @Test
  void garbageNothingAndSilentFailuresAreNamed() throws Exception {
    plugins
        .plugin("garbage", "echo 'not json'")
        .plugin("trailing", "echo '{} {}'")
        .plugin("array", "echo '[]'")
        .plugin("nothing", "exit 0")
        .plugin("crash", "echo boom >&2; exit 3")
        .plugin("silent", "exit 3")
        .plugin("killed", "kill -9 $$")
        .plugin("alien", "echo '{\"cniVersion\":\"9.0.0\"}'")
        .plugin("empty", "echo '{\"ips\":[{}]}'");

    assertThat(failure("garbage")).contains("plugin type=\"garbage\" failed (add)", "not JSON");
    assertThat(failure("trailing")).contains("not JSON");
    assertThat(failure("array")).contains("not a JSON object");
    assertThat(failure("nothing")).contains("printed no result");
    assertThat(failure("crash")).endsWith("it exited with 3: boom");
    assertThat(failure("silent")).endsWith("it exited with 3 and no message");
    assertThat(failure("killed")).endsWith("it was ended by signal 9 and no message");
    assertThat(failure("alien")).contains("unknown cniVersion \"9.0.0\"");
    assertThat(failure("empty")).contains("an ip without \"address\"");
    assertThat(failure("missing")).contains("failed to find plugin \"missing\"");
  }

  @Test
  void tenMegabytesAreCutOff() throws Exception {
    plugins.plugin("flood", "head -c 10000000 /dev/zero");

    assertThat(failure("flood")).contains("printed more than 1048576 bytes");
  }

  @Test
  void aHangingPluginIsKilledWithItsChildren() throws Exception {
    plugins.plugin("hang", "sleep 1000 & echo $! > child; sleep 1000");
    Duration shortly = Duration.ofMillis(500);

    assertThatThrownBy(() -> cni.add(network("1.0.0", "hang"), attachment(), Map.of(), shortly))
        .hasMessageContaining("plugin type=\"hang\" failed (add): it did not answer within 0.");

    long child = Long.parseLong(Files.readString(plugins.dir().resolve("child")).strip());
    org.awaitility.Awaitility.await()
        .until(() -> ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty());
  }

  @Test
  void aChildThatHoldsThePipeDoesNotHoldTheAnswer() throws Exception {
    plugins.answering("bridge", RESULT);
    Path script = plugins.dir().resolve("bridge");
    Files.writeString(script, Files.readString(script) + "sleep 5 &\n");

    CniResult result =
        cni.add(network("1.0.0", "bridge"), attachment(), Map.of(), Duration.ofSeconds(4));

    assertThat(result.ips()).hasSize(2);
  }

  @Test
  void checkNeedsVersion04AndRunsWithTheCachedResult() throws Exception {
    plugins.answering("bridge", RESULT);
    cni.check(network("0.3.1", "bridge"), attachment(), BUDGET);
    assertThat(plugins.calls()).isEmpty();

    NetworkConf network = network("1.0.0", "bridge");
    cni.add(network, attachment(), Map.of(), BUDGET);
    cni.check(network, attachment(), BUDGET);

    assertThat(plugins.calls()).containsExactly("ADD bridge", "CHECK bridge");
    assertThat(plugins.input("bridge", "CHECK")).contains("\"prevResult\"");
  }

  @Test
  void oldVersionsDeleteWithoutTheResult() throws Exception {
    plugins.answering(
        "bridge",
        "{\"cniVersion\":\"0.2.0\",\"ip4\":{\"ip\":\"10.1.0.5/16\",\"routes\":[{\"dst\":\"0.0.0.0/0\"}]}}");
    NetworkConf network = network("0.2.0", "bridge");

    CniResult result = cni.add(network, attachment(), Map.of(), BUDGET);
    cni.del(network, attachment(), BUDGET);

    assertThat(result.ips()).extracting(CniResult.Ip::host).containsExactly("10.1.0.5");
    assertThat(plugins.input("bridge", "DEL")).doesNotContain("prevResult");
  }

  @Test
  void statusAndGcAreOfVersion11() throws Exception {
    plugins.plugin(
        "bridge",
        "[ $CNI_COMMAND != STATUS ] || { echo '{\"code\":50,\"msg\":\"no addresses\"}'; exit 1; }");
    cni.status(network("1.0.0", "bridge"), Map.of(), BUDGET);
    cni.gc(network("1.0.0", "bridge"), List.of(attachment()), BUDGET);
    assertThat(plugins.calls()).isEmpty();

    assertThatThrownBy(() -> cni.status(network("1.1.0", "bridge"), Map.of(), BUDGET))
        .hasMessage("plugin type=\"bridge\" failed (status): no addresses")
        .extracting(e -> ((CniException) e).code().orElseThrow())
        .isEqualTo(CniException.NOT_AVAILABLE);
    cni.gc(network("1.1.0", "bridge"), List.of(attachment()), BUDGET);

    assertThat(plugins.input("bridge", "GC"))
        .contains("\"cni.dev/valid-attachments\":[{\"containerID\":\"c1\",\"ifname\":\"eth0\"}]");
  }

  @Test
  void validateAsksForTheVersion() throws Exception {
    plugins.plugin("bridge", "");

    cni.validate(network("1.0.0", "bridge"), BUDGET);

    assertThatThrownBy(() -> cni.validate(network("0.3.0", "bridge"), BUDGET))
        .hasMessageContaining("does not support cniVersion \"0.3.0\"");
  }

  private String failure(String plugin) {
    try {
      cni.add(network("1.0.0", plugin), attachment(), Map.of(), BUDGET);
      return "it succeeded";
    } catch (CniException e) {
      return String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Attachment attachment() {
    return attachment(Map.of());
  }

  private static Attachment attachment(Map<String, JsonNode> capabilities) {
    Map<String, String> args = new LinkedHashMap<>();
    args.put("IgnoreUnknown", "1");
    args.put("K8S_POD_NAME", "web");
    return new Attachment("c1", "/proc/7/ns/net", "eth0", args, capabilities);
  }

  private static NetworkConf network(String version, String... types) throws CniException {
    StringBuilder list = new StringBuilder();
    for (String one : types) {
      list.append(list.isEmpty() ? "" : ",");
      list.append("{\"type\":\"").append(one).append("\",\"extra\":42}");
    }
    return parse(
        "{\"cniVersion\":\"%s\",\"name\":\"net\",\"plugins\":[%s]}".formatted(version, list));
  }

  private static NetworkConf parse(String text) throws CniException {
    return NetworkConf.parse(text.getBytes(StandardCharsets.UTF_8));
  }
}
