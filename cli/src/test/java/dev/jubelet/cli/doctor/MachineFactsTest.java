package dev.jubelet.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.cli.doctor.Facts.Rival;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How what lies on a machine is read.
class MachineFactsTest {
  @TempDir
  Path dir;

  @Test
  void dockerdsCommandLineAndItsFile() throws Exception {
    Path file = dir.resolve("daemon.json");
    Files.writeString(
        file, "{\"live-restore\": true, \"init\": true, \"default-ulimits\": {\"a\":1}}");
    DaemonOptions options = DaemonOptions.of(List.of(
        "/usr/bin/dockerd",
        "--config-file",
        file.toString(),
        "--iptables=false",
        "--no-new-privileges",
        "-H",
        "fd://",
        "--log-opt",
        "max-size=1m"));
    assertThat(options.problem()).isEmpty();
    assertThat(options.values())
        .containsEntry("live-restore", "true")
        .containsEntry("init", "true")
        .containsEntry("default-ulimits", "{\"a\":1}")
        .containsEntry("iptables", "false")
        .containsEntry("no-new-privileges", "true")
        .containsEntry("log-opts", "max-size=1m");
  }

  @Test
  void aFileThatIsNoneOrBroken() throws Exception {
    Path file = dir.resolve("daemon.json");
    assertThat(DaemonOptions.of(List.of("dockerd", "--config-file=" + file)).problem())
        .isEmpty();
    Files.writeString(file, "{");
    assertThat(DaemonOptions.of(List.of("dockerd", "--config-file=" + file)).problem())
        .hasValueSatisfying(why -> assertThat(why).contains(file + " is not JSON"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0 3 * * * root docker system prune -af",
        "ExecStart=/usr/bin/docker -H unix:///x image prune --force",
        "docker container  prune -f",
        "docker rm -f $(docker ps -aq)",
        "docker rmi `docker images -q`",
        "exec docker-gc"
      })
  void whatCleans(String line) {
    assertThat(Cleaners.cleans("# nothing\n" + line + "\n")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"# docker system prune", "docker ps", "docker volume prune -f", "git prune"})
  void whatDoesNot(String line) {
    assertThat(Cleaners.cleans(line)).isFalse();
  }

  @Test
  void cleanersAreFoundInCronAndSystemd() throws Exception {
    Path daily = Files.createDirectories(dir.resolve("etc/cron.daily"));
    Path units = Files.createDirectories(dir.resolve("etc/systemd/system"));
    Files.writeString(daily.resolve("tidy"), "docker system prune -f");
    Files.writeString(daily.resolve("other"), "true");
    Files.createSymbolicLink(units.resolve("gone.service"), dir.resolve("nowhere"));
    Files.writeString(units.resolve("gc.service"), "ExecStart=docker-gc");
    assertThat(Cleaners.files(dir))
        .containsExactly(
            daily.resolve("tidy").toString(), units.resolve("gc.service").toString());
  }

  @Test
  void programsThatServePods() {
    assertThat(Programs.rival(
            7, List.of("/usr/bin/kubelet", "--container-runtime-endpoint=unix:///x.sock")))
        .contains(new Rival(7, "kubelet", "unix:///x.sock"));
    assertThat(Programs.rival(8, List.of("cri-dockerd", "--container-runtime-endpoint", "fd://")))
        .contains(new Rival(8, "cri-dockerd", "fd://"));
    assertThat(Programs.rival(9, List.of("java", "kubelet"))).isEmpty();
    assertThat(Programs.rival(9, List.of())).isEmpty();
  }

  @Test
  void containersOfCgroupsAndInterfacesOfTheTable() {
    String inner = "b".repeat(64);
    assertThat(MachineLook.containerId("/docker/" + "a".repeat(64) + "/kubepods/" + inner))
        .containsExactly(inner);
    assertThat(MachineLook.containerId("/system.slice/docker-" + inner + ".scope"))
        .containsExactly(inner);
    assertThat(MachineLook.containerId("/init.scope")).isEmpty();
    assertThat(MachineLook.interfaces("""
        Inter-|   Receive
         face |bytes
            lo: 1 2 3
        veth12: 4 5 6
        """)).containsExactlyInAnyOrder("lo", "veth12");
  }
}
