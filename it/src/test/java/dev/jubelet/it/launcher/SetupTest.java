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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `./jubelet setup`: says each thing before it does it, and does nothing twice. A package is taken
/// away by hiding its program in a mount namespace; an apt-get of ours puts it back and writes into
/// the journal that setup speaks into too, so that their order can be seen.
class SetupTest {
  private static final String SETUP = Engine.top().resolve("bin/setup").toString();

  @TempDir
  Path directory;

  private Path journal;

  @BeforeEach
  void makeAnAptGet() throws Exception {
    journal = directory.resolve("journal");
    Files.createFile(journal);
    Path apt = directory.resolve("apt-get");
    Files.writeString(apt, """
        #!/bin/sh
        echo "(apt-get $*)" >> "%s"
        case "$*" in *install*) umount "$(readlink -f /usr/sbin/conntrack)" ;; esac
        """.formatted(journal));
    Files.setPosixFilePermissions(apt, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void makesTheImageOnceAndSaysSoBefore() throws Exception {
    docker("rmi", "--force", "jubelet/busybox:1").ok();
    assertThat(setup("--check").exitCode()).isEqualTo(1);
    Ran first = setup("--yes").ok();
    assertThat(first.err()).contains("making the image jubelet/busybox:1");
    docker("image", "inspect", "jubelet/busybox:1").ok();

    Ran second = setup("--yes").ok();
    assertThat(second.out() + second.err()).isEmpty();
    assertThat(setup("--check").ok().err()).contains("nothing lacks");
  }

  @Test
  void anImageThatIsThereIsLeftAlone() throws Exception {
    setup("--yes").ok();
    String id = docker("image", "inspect", "--format", "{{.Id}}", "jubelet/busybox:1")
        .ok()
        .out();
    setup("--yes").ok();
    assertThat(docker("image", "inspect", "--format", "{{.Id}}", "jubelet/busybox:1")
            .ok()
            .out())
        .isEqualTo(id);
  }

  @Test
  void installsWhatLacksAndNothingElseAndSaysSoBefore() throws Exception {
    Ran ran = hiding("conntrack", SETUP + " --yes --packages && " + SETUP + " --yes --packages");
    ran.ok();
    assertThat(Files.readAllLines(journal))
        .satisfiesExactly(
            line ->
                assertThat(line).isEqualTo("setup: fetching the package lists (apt-get update)"),
            line -> assertThat(line).startsWith("(apt-get update"),
            line -> assertThat(line).isEqualTo("setup: installing the packages: conntrack"),
            line -> assertThat(line).startsWith("(apt-get install").endsWith(" conntrack)"));
  }

  @Test
  void checkSaysWhatLacksAndChangesNothing() throws Exception {
    Ran ran = hiding("conntrack", SETUP + " --check --packages");
    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(Files.readAllLines(journal)).containsExactly("setup: lacks the packages: conntrack");
  }

  @Test
  void aNoAtTheTerminalChangesNothing() throws Exception {
    Ran ran =
        hiding("conntrack", "echo n | script -qefc '" + SETUP + " --packages 2>&1' /dev/null");
    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.out()).contains("go on? [Y/n]").contains("nothing was changed");
    assertThat(journal).isEmptyFile();
  }

  @Test
  void withoutAptItSaysWhatToInstallByHand() throws Exception {
    Files.delete(directory.resolve("apt-get"));
    Ran ran = hiding("apt-get", hidden("conntrack") + SETUP + " --yes --packages");
    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(Files.readString(journal))
        .contains("setup: lacks: conntrack; this is no Debian or Ubuntu");
  }

  @Test
  void anEngineThatDoesNotAnswerIsNamed() throws Exception {
    Ran ran =
        Ran.run(Map.of("DOCKER_HOST", "unix:///run/nowhere.sock"), 60, List.of(SETUP, "--yes"));
    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.err()).contains("no engine answers at DOCKER_HOST=unix:///run/nowhere.sock");
  }

  @Test
  void anUnknownOptionIsRefusedByName() throws Exception {
    Ran ran = setup("--yse");
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("unknown option --yse").contains("--yes");
  }

  private static Ran setup(String... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of(SETUP));
    words.addAll(List.of(arguments));
    return Ran.run(Map.of("DOCKER_HOST", "unix://" + Engine.socket()), 60, words);
  }

  private static Ran docker(String... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of("docker", "-H", "unix://" + Engine.socket()));
    words.addAll(List.of(arguments));
    return Ran.run(Map.of(), 60, words);
  }

  private static String hidden(String program) {
    return "mount --bind /dev/null \"$(readlink -f \"$(PATH=$REAL command -v " + program
        + ")\")\"; ";
  }

  /// Runs shell text where a program of the machine is missing; what it says goes into the journal.
  private Ran hiding(String program, String text) throws Exception {
    String path = System.getenv("PATH") + ":/usr/sbin";
    List<String> words = List.of(
        "unshare",
        "--mount",
        "--propagation=private",
        "sh",
        "-c",
        hidden(program) + "exec 2>> " + journal + "; " + text);
    return Ran.run(Map.of("REAL", path, "PATH", directory + ":" + path), 60, words);
  }
}
