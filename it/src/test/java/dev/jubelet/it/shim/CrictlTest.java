package dev.jubelet.it.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.it.Engine;
import dev.jubelet.it.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a person does with crictl.
class CrictlTest {
  @TempDir
  Path dir;

  private RunningShim shim;
  private Path config;

  @BeforeEach
  void start() throws IOException {
    shim = new RunningShim(dir);
    config = Files.writeString(dir.resolve("crictl.yaml"), "timeout: 30\n");
  }

  @AfterEach
  void end() {
    shim.close();
  }

  @Test
  void aPodsLife() throws Exception {
    assertThat(crictl("version"))
        .contains("RuntimeName:  docker")
        .contains("RuntimeApiVersion:  v1");
    assertThat(crictl("info")).contains("RuntimeReady").contains("oomScoreAdj");
    assertThat(crictl("images")).contains("jubelet/busybox");
    Path pod = Files.writeString(dir.resolve("pod.json"), """
            {"metadata": {"name": "by-crictl", "namespace": "shim-it", "uid": "u-crictl", "attempt": 0},
             "hostname": "by-crictl", "log_directory": "%s",
             "dns_config": {"servers": ["10.10.10.10"], "searches": ["google.com"], "options": ["ndots:8"]},
             "linux": {}}
            """.formatted(shim.logs()));
    Path container = Files.writeString(dir.resolve("container.json"), """
            {"metadata": {"name": "c", "attempt": 0}, "image": {"image": "jubelet/busybox:1"},
             "command": ["/bin/sh", "-c", "echo hello; while :; do sleep 1; done"],
             "log_path": "c.log", "linux": {}}
            """);
    String sandbox = crictl("runp", pod.toString()).strip();
    String id = crictl("create", sandbox, container.toString(), pod.toString()).strip();
    crictl("start", id);
    assertThat(crictl("pods")).contains("by-crictl").contains("Ready");
    assertThat(crictl("ps")).contains(id.substring(0, 13)).contains("Running");
    assertThat(crictl("inspectp", sandbox)).contains("\"ip\": \"").contains("SANDBOX_READY");
    assertThat(crictl("inspect", id)).contains("CONTAINER_RUNNING").contains("follow-file");
    assertThat(crictl("exec", "-s", id, "/bin/sh", "-c", "hostname; cat /etc/resolv.conf"))
        .contains("by-crictl")
        .contains("nameserver 10.10.10.10")
        .contains("search google.com")
        .contains("options ndots:8");
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(crictl("logs", id)).isEqualTo("hello\n"));
    assertThat(crictl("stats", "-o", "json", id)).contains("workingSetBytes");
    crictl("stop", "-t", "1", id);
    assertThat(crictl("inspect", id)).contains("CONTAINER_EXITED");
    crictl("rm", id);
    crictl("stopp", sandbox);
    assertThat(crictl("pods")).contains("NotReady");
    crictl("rmp", sandbox);
    assertThat(crictl("pods", "-q")).isBlank();
  }

  private String crictl(String... args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(
        Engine.peer("jubelet.crictl").toString(),
        "--config",
        config.toString(),
        "-r",
        "unix://" + shim.socket));
    command.addAll(List.of(args));
    return Ran.run(command.toArray(String[]::new)).ok().out();
  }
}
