package dev.jubelet.it.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.it.Engine;
import dev.jubelet.it.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `./jubelet service`: which unit it writes and what it asks of systemctl, which a script of
/// ours stands in for; with the real one it runs in `./jubelet test vm`. Units are written
/// into a mount namespace of their own.
class ServiceTest {
  private static final String SERVICE = Engine.top().resolve("bin/service").toString();

  @TempDir
  Path directory;

  private Path journal;

  @BeforeEach
  void makeASystemctlAndAProgram() throws Exception {
    journal = Files.createFile(directory.resolve("journal"));
    script("systemctl", "echo \"systemctl $*\" >> " + journal + "\n");
    script(
        "program",
        "echo \"program $*\" >> " + journal + "\n"
            + "case \"$*\" in *--no-such*) echo 'unknown flag --no-such' >&2; exit 2;; esac\n");
    Files.createDirectory(directory.resolve("units"));
  }

  private void script(String name, String body) throws Exception {
    Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Ran service(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of(
        "unshare",
        "--mount",
        "--propagation=private",
        "sh",
        "-ec",
        "mount --bind " + directory.resolve("units") + " /etc/systemd/system\n"
            + "mkdir -p /run/systemd && mount -t tmpfs none /run/systemd && mkdir /run/systemd/system\n"
            + "exec \"$@\"",
        "sh",
        SERVICE));
    command.addAll(List.of(words));
    return Ran.run(
        Map.of(
            "PATH",
            directory + ":" + System.getenv("PATH"),
            "JUBELET_PROGRAM",
            directory.resolve("program").toString()),
        60,
        command);
  }

  private List<String> units() throws Exception {
    try (Stream<Path> files = Files.list(directory.resolve("units"))) {
      return files.map(f -> f.getFileName().toString()).toList();
    }
  }

  @Test
  void theUnitHasTheFlagsAsTheyAreAndWhatPodsNeed() throws Exception {
    Ran node = service("print", "node", "--config=/etc/node.yaml", "--a=\"b c\" \\ 50% $HOME")
        .ok();
    assertThat(node.out())
        .contains("ExecStart=\"" + directory.resolve("program")
            + "\" node \"--config=/etc/node.yaml\" \"--a=\\\"b c\\\" \\\\ 50%% $$HOME\"\n")
        .doesNotContain("@")
        .doesNotContain("PrivateTmp=yes");
    for (String text : List.of(node.out(), service("print", "dockershim").ok().out())) {
      assertThat(text.lines())
          .contains(
              "Type=notify",
              "KillMode=process",
              "Delegate=yes",
              "Restart=always",
              "OOMScoreAdjust=-999",
              "Wants=network-online.target docker.service")
          .anyMatch(line -> line.startsWith("StartLimitBurst="))
          .noneMatch(line -> line.startsWith("Requires=") || line.startsWith("BindsTo="));
    }
    assertThat(units()).isEmpty();
  }

  @Test
  void installReadsTheFlagsThenStartsAndUninstallUndoesIt() throws Exception {
    assertThat(service("install", "dockershim", "--adopt").ok().err())
        .contains("jubelet-dockershim runs");
    assertThat(units()).containsExactly("jubelet-dockershim.service");
    service("uninstall", "dockershim").ok();
    assertThat(units()).isEmpty();
    assertThat(Files.readAllLines(journal))
        .containsExactly(
            "program dockershim --adopt --version",
            "systemctl daemon-reload",
            "systemctl enable --quiet jubelet-dockershim",
            "systemctl restart jubelet-dockershim",
            "systemctl disable --quiet --now jubelet-dockershim",
            "systemctl daemon-reload");
    assertThat(service("uninstall", "dockershim").ok().err()).contains("nothing to uninstall");
  }

  @Test
  void aWrongFlagInstallsNothing() throws Exception {
    Ran ran = service("install", "node", "--no-such");
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("unknown flag --no-such").contains("nothing was installed");
    assertThat(units()).isEmpty();
    assertThat(Files.readString(journal)).doesNotContain("systemctl");
  }

  @Test
  void withoutSystemdOrARoleItSaysWhatToDo() throws Exception {
    Ran nothing = Ran.run(Map.of(), 60, List.of(SERVICE, "install", "node"));
    assertThat(nothing.exitCode()).isEqualTo(1);
    assertThat(nothing.err()).contains("jubelet service print node");
    assertThat(service("install", "kubelet").exitCode()).isEqualTo(2);
    assertThat(service().err()).contains("install node|dockershim [FLAG]...");
  }
}
