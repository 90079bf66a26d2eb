package dev.jubelet.it.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.it.Background;
import dev.jubelet.it.Engine;
import dev.jubelet.it.Jubelet;
import dev.jubelet.it.Ran;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/// The CRI's conformance tests, on a shim as users start it, an engine of its own and CNI.
/// Streaming
/// (exec, attach, port-forward) is not asked for.
class CritestTest {
  /// The one digest that is written into critest; here the registry's own takes its place.
  private static final String THEIR_DIGEST =
      "sha256:9700f9a2f5bf2c45f2f605a0bd3bce7cf37420ec9d3ed50ac2758413308766bf";

  /// Where critest's images are named to be: here names of the tests' registry.
  private static final List<String> REGISTRIES =
      List.of("127.0.0.2", "registry.k8s.io", "gcr.io", "k8s.gcr.io");

  private static final String NETWORK = """
      {"cniVersion": "1.0.0", "name": "critest", "plugins": [
        {"type": "bridge", "bridge": "critest0", "isGateway": true, "ipMasq": true,
         "hairpinMode": true, "ipam": {"type": "host-local",
         "ranges": [[{"subnet": "10.78.0.0/16"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
        {"type": "portmap", "capabilities": {"portMappings": true}}]}
      """;

  private Path dir;
  private Path engine;
  private final List<AutoCloseable> running = new ArrayList<>();

  @BeforeEach
  void anEngine() throws Exception {
    dir = Files.createDirectories(Engine.work().resolve("critest"));
    engine = dir.resolve("docker.sock");
    Ran.run("ip", "link", "add", "crt0", "type", "bridge").ok();
    Ran.run("ip", "addr", "add", "172.28.0.1/16", "dev", "crt0").ok();
    List<String> dockerd = new ArrayList<>(List.of(
        Engine.dockerd().toString(),
        "--data-root=" + dir.resolve("data"),
        "--exec-root=" + dir.resolve("exec"),
        "--host=unix://" + engine,
        "--pidfile=" + dir.resolve("dockerd.pid"),
        "--bridge=crt0",
        "--iptables=false"));
    REGISTRIES.forEach(name -> dockerd.add("--insecure-registry=" + name));
    if (!mayRaiseLimits()) {
      dockerd.add("--add-runtime=restricted="
          + Engine.top().resolve("it/src/test/namespaces/runc-restricted"));
      dockerd.add("--default-runtime=restricted");
    }
    running.add(Background.start("critest-dockerd", Map.of(), dockerd));
    await().atMost(Duration.ofSeconds(60)).until(() -> docker("version").exitCode() == 0);
  }

  /// Without it, runc cannot give a privileged container what it asks for.
  private static boolean mayRaiseLimits() throws IOException {
    String bounding = Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("CapBnd:"))
        .findFirst()
        .orElseThrow();
    long capabilities = Long.parseUnsignedLong(bounding.split("\\s+")[1], 16);
    return (capabilities >> 24 & 1) == 1;
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable each : running.reversed()) {
      each.close();
    }
    Ran.run("ip", "link", "del", "crt0");
    Ran.run("ip", "link", "del", "critest0");
  }

  @Test
  void everySpecPassesOrIsNamedWithItsReason() throws Exception {
    Path cri = startShim();
    Path critest = critestOfOurRegistry();
    Path report = dir.resolve("report.xml");
    Ran ran = Ran.run(
        Map.of(
            "PATH",
            critest.getParent() + ":" + System.getenv("PATH"),
            "TMPDIR",
            Files.createDirectories(dir.resolve("tmp")).toString()),
        400,
        List.of(
            critest.toString(),
            "-runtime-endpoint=unix://" + cri,
            "-config=/dev/null",
            "-parallel=4",
            "-ginkgo.no-color",
            "-ginkgo.flake-attempts=2",
            "-ginkgo.skip=Streaming",
            "-ginkgo.junit-report=" + report));
    System.out.println("critest: " + totals(ran));
    Map<String, List<String>> specs = specs(report);
    assertThat(specs.getOrDefault("failed", List.of())).as(ran.out()).isEmpty();
    assertThat(specs.get("passed")).hasSizeGreaterThan(85);
    String named = Files.readString(Engine.top().resolve("docs/conformance.md"));
    assertThat(specs.get("skipped"))
        .as("skipped, and named in docs/conformance.md with what lacks")
        .allSatisfy(spec -> assertThat(named).contains(spec));
    assertThat(ran.exitCode()).as(ran.out()).isZero();
  }

  private Path startShim() throws Exception {
    Path networks = Files.createDirectories(dir.resolve("net.d"));
    Files.writeString(networks.resolve("10-critest.conflist"), NETWORK);
    Path cri = dir.resolve("cri.sock");
    Jubelet shim = Jubelet.start(
        "dockershim",
        "--docker-endpoint=unix://" + engine,
        "--container-runtime-endpoint=unix://" + cri,
        "--cri-dockerd-root-directory=" + dir.resolve("root"),
        "--network-plugin=cni",
        "--cni-conf-dir=" + networks,
        "--cni-bin-dir=" + Engine.peer("jubelet.cni191"),
        "--cni-cache-dir=" + dir.resolve("cni"));
    running.add(shim);
    await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(cri));
    return cri;
  }

  /// critest with the digest of our own image, beside its ginkgo.
  private Path critestOfOurRegistry() throws Exception {
    String digest = Ran.run(
            Map.of(),
            120,
            List.of(
                Engine.top().resolve("it/src/test/namespaces/critest-images").toString(),
                engine.toString(),
                Engine.peer("jubelet.nonewprivs").toString()))
        .ok()
        .out()
        .strip();
    assertThat(digest).hasSameSizeAs(THEIR_DIGEST);
    Path built = Engine.peer("jubelet.critest");
    String program = Files.readString(built, StandardCharsets.ISO_8859_1);
    assertThat(program).contains(THEIR_DIGEST);
    Path bin = Files.createDirectories(dir.resolve("bin"));
    Path critest = bin.resolve("critest");
    Files.writeString(critest, program.replace(THEIR_DIGEST, digest), StandardCharsets.ISO_8859_1);
    assertThat(critest.toFile().setExecutable(true)).isTrue();
    Files.createSymbolicLink(bin.resolve("ginkgo"), built.resolveSibling("ginkgo"));
    return critest;
  }

  /// Names of the specs by what became of them.
  private static Map<String, List<String>> specs(Path report) throws Exception {
    Map<String, List<String>> specs = new TreeMap<>();
    NodeList cases = DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(report.toFile())
        .getElementsByTagName("testcase");
    for (int i = 0; i < cases.getLength(); i++) {
      Element spec = (Element) cases.item(i);
      if (spec.getAttribute("name").startsWith("[It] ")) {
        specs
            .computeIfAbsent(spec.getAttribute("status"), status -> new ArrayList<>())
            .add(spec.getAttribute("name").substring("[It] [k8s.io] ".length()));
      }
    }
    return specs;
  }

  private static String totals(Ran ran) {
    return ran.out()
        .lines()
        .filter(line -> line.startsWith("Ran ") || line.contains(" Passed | "))
        .reduce((ran1, passed) -> ran1 + ", " + passed)
        .orElse(ran.out() + ran.err());
  }

  private Ran docker(String... args) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("docker", "-H", "unix://" + engine));
    words.addAll(List.of(args));
    return Ran.run(words.toArray(String[]::new));
  }
}
