package dev.jubelet.it.logs;

import static dev.jubelet.it.logs.ShimProcess.SOON;
import static dev.jubelet.it.logs.ShimProcess.container;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.StatusRequest;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Engines whose default log driver is another than json-file.
class LogDriversTest {
  private static OtherEngine engine;
  private static DatagramSocket syslog;
  private static final AtomicLong SHIPPED = new AtomicLong();

  @BeforeAll
  static void start() throws Exception {
    syslog = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().name("syslog").start(LogDriversTest::receive);
    engine = new OtherEngine(syslogFlags());
  }

  private static String[] syslogFlags(String... more) {
    List<String> flags = new java.util.ArrayList<>(List.of(
        "--log-driver=syslog",
        "--log-opt=syslog-address=udp://127.0.0.1:" + syslog.getLocalPort(),
        "--log-opt=tag=site"));
    flags.addAll(List.of(more));
    return flags.toArray(String[]::new);
  }

  private static void receive() {
    DatagramPacket packet = new DatagramPacket(new byte[1 << 16], 1 << 16);
    try {
      while (true) {
        syslog.receive(packet);
        SHIPPED.incrementAndGet();
      }
    } catch (IOException closed) {
      return; // the end of the tests
    }
  }

  @AfterAll
  static void end() throws Exception {
    engine.close();
    syslog.close();
  }

  @Test
  void aDriverThatShipsIsKeptAndReadThroughTheEngine() throws Exception {
    engine.restart(syslogFlags());
    try (ShimProcess shim = new ShimProcess(engine.socket())) {
      assertThat(way(shim)).contains("engine-follow").contains("syslog");
      Numbered numbered = new Numbered(shim.dir().resolve("ctl"));
      PodSandboxConfig.Builder pod = shim.pod("syslog");
      String sandbox = shim.run(pod);
      String id = shim.start(sandbox, pod, numbered.container("c"));
      Path log = Path.of(pod.getLogDirectory()).resolve("c.log");
      Path renamed = log.resolveSibling("c.log.20261101-100000");
      assertThat(engine.inspect(id, "{{.HostConfig.LogConfig.Type}}")).isEqualTo("syslog");
      assertThat(engine.inspect(id, "{{.HostConfig.LogConfig.Config.tag}}")).isEqualTo("site");
      assertThat(engine.inspect(sandbox, "{{.HostConfig.LogConfig.Type}}")).isEqualTo("json-file");
      assertThat(shim.status(id).getInfoMap().get("info"))
          .contains("\"log\":\"engine-follow: log driver syslog\"");
      for (int round = 0; round < 4; round++) {
        long size = Files.size(log);
        step(numbered);
        await().atMost(SOON).until(() -> Files.size(log) > size + 50_000);
        if (round == 1) {
          Files.move(log, renamed);
        }
        shim.kill9();
        step(numbered);
        shim.start();
        if (round == 1) {
          shim.reopen(id);
        }
      }
      numbered.end();
      shim.awaitExit(id);
      await().atMost(SOON).untilAsserted(() -> numbered.assertComplete(List.of(renamed, log)));
      assertThat(SHIPPED.get()).as("the site gets its records").isPositive();
    }
  }

  // A little at a time: what the engine keeps besides shipping is lossy, its ring holds 1 MB.
  private static void step(Numbered numbered) throws IOException {
    numbered.more(1);
    await().atMost(SOON).until(() -> numbered.at() == numbered.limit());
  }

  @Test
  void aTerminalsOutputIsReadThroughTheEngineToo() throws Exception {
    engine.restart(syslogFlags());
    try (ShimProcess shim = new ShimProcess(engine.socket())) {
      PodSandboxConfig.Builder pod = shim.pod("tty");
      String id = shim.start(
          shim.run(pod),
          pod,
          container("c", "echo one; head -c 20000 /dev/zero | tr '\\0' x; echo y")
              .setTty(true));
      shim.awaitExit(id);
      Path log = Path.of(pod.getLogDirectory()).resolve("c.log");
      await().atMost(SOON).untilAsserted(() -> {
        StringBuilder text = new StringBuilder();
        for (String line : Files.readAllLines(log)) {
          String[] parts = line.split(" ", 4);
          text.append(parts[3]).append(parts[2].equals("F") ? "\n" : "");
        }
        assertThat(text.toString().replace("\r", ""))
            .isEqualTo("one\n" + "x".repeat(20_000) + "y\n");
      });
    }
  }

  @Test
  void aDriverThatCannotBeReadSaysWhy() throws Exception {
    engine.restart(syslogFlags("--log-opt=cache-disabled=true"));
    assertThat(onlyLine("unreadable"))
        .contains("stderr F [jubelet] no output is shown: the engine cannot read it back")
        .contains("does not support reading");
  }

  @Test
  void noneGivesALineThatSaysWhy() throws Exception {
    engine.restart("--log-driver=none");
    assertThat(onlyLine("none"))
        .contains("stderr F [jubelet] no output is shown: the engine's log driver \"none\"");
  }

  private String onlyLine(String name) throws Exception {
    try (ShimProcess shim = new ShimProcess(engine.socket())) {
      PodSandboxConfig.Builder pod = shim.pod(name);
      String id = shim.start(shim.run(pod), pod, container("c", "echo hello"));
      shim.awaitExit(id);
      Path log = Path.of(pod.getLogDirectory()).resolve("c.log");
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(Files.readAllLines(log)).hasSize(1));
      return Files.readString(log);
    }
  }

  @Test
  void localIsReplacedAndTheDaemonsOptionsDoNotReachPods() throws Exception {
    engine.restart("--log-driver=local");
    try (ShimProcess shim = new ShimProcess(engine.socket())) {
      assertThat(way(shim)).contains("follow-file");
      assertJsonFile(shim, "local");
    }
    engine.restart(
        "--log-driver=json-file",
        "--log-opt=max-size=1k",
        "--log-opt=max-file=1",
        "--log-opt=compress=true",
        "--log-opt=labels=a",
        "--log-opt=env=HOME",
        "--log-opt=tag=site");
    try (ShimProcess shim = new ShimProcess(engine.socket())) {
      assertJsonFile(shim, "json");
    }
  }

  private static void assertJsonFile(ShimProcess shim, String name) throws Exception {
    PodSandboxConfig.Builder pod = shim.pod(name);
    String id = shim.start(shim.run(pod), pod, container("c", "seq 1 200; sleep 1000"));
    Path log = Path.of(pod.getLogDirectory()).resolve("c.log");
    await().atMost(SOON).untilAsserted(() -> assertThat(Files.readAllLines(log)).hasSize(200));
    assertThat(engine.inspect(id, "{{.HostConfig.LogConfig.Type}}")).isEqualTo("json-file");
    Path source = Path.of(engine.inspect(id, "{{.LogPath}}"));
    assertThat(source.resolveSibling(source.getFileName() + ".1")).doesNotExist();
    assertThat(Files.readString(source)).doesNotContain("attrs");
  }

  private static String way(ShimProcess shim) {
    return shim.cri()
        .status(StatusRequest.newBuilder().setVerbose(true).build())
        .getInfoMap()
        .getOrDefault("logs", "");
  }
}
