package dev.jubelet.it.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.it.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `./jubelet` in a checkout: what it finds, builds, refuses and says.
class LauncherTest {
  /// A user who is nobody; the checkout is made readable to him.
  private static final List<String> NOBODY =
      List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");

  @TempDir
  Path directory;

  private Checkout checkout;

  @BeforeEach
  void makeACheckout() throws Exception {
    checkout = Checkout.in(directory);
  }

  @Test
  void buildsOnceAndHandsTheWordsOn() throws Exception {
    Ran first = checkout.jubelet("ps", "two words", "--all").ok();
    assertThat(first.err()).contains("building for the first time").contains("built in");
    assertThat(first.out()).contains("arguments: <ps> <two words> <--all>");

    Ran second = checkout.jubelet("ps").ok();
    assertThat(second.err()).isEmpty();
    assertThat(checkout.builds()).isEqualTo(1);
  }

  @Test
  void buildsAgainWhenASourceChanged() throws Exception {
    checkout.jubelet("build").ok();
    age(checkout.top());
    Files.writeString(checkout.top().resolve("kubelet/src/main/java/A.java"), "class A { int a; }");

    assertThat(checkout.jubelet("version").ok().err()).contains("sources changed, building");
    assertThat(checkout.builds()).isEqualTo(2);
  }

  @Test
  void buildsAgainWhenASourceIsNewOrGone() throws Exception {
    checkout.jubelet("build").ok();
    age(checkout.top());
    checkout.write("cri/src/main/java/B.java", "class B {}");
    checkout.jubelet("build").ok();
    age(checkout.top());
    Files.delete(checkout.top().resolve("cri/src/main/java/B.java"));
    checkout.jubelet("build").ok();
    assertThat(checkout.builds()).isEqualTo(3);
  }

  @Test
  void aChangedTestIsNoReasonToBuild() throws Exception {
    checkout.jubelet("build").ok();
    age(checkout.top());
    Files.writeString(checkout.top().resolve("cli/src/test/java/ATest.java"), "class ATest { }");
    assertThat(checkout.jubelet("version").ok().err()).isEmpty();
    assertThat(checkout.builds()).isEqualTo(1);
  }

  @Test
  void aFailedBuildShowsItsLogAndRunsNothing() throws Exception {
    checkout.write("broken", "");
    Ran ran = checkout.jubelet("version");
    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("COMPILATION ERROR: A.java").contains("build.log");

    Files.delete(checkout.top().resolve("broken"));
    assertThat(checkout.jubelet("version").ok().out()).contains("<version>");
  }

  @Test
  void worksThroughLinksAndTheirNames() throws Exception {
    Path link =
        Files.createSymbolicLink(directory.resolve("kubelet"), checkout.top().resolve("jubelet"));
    String home = checkout.top().resolve("jdk").toString();
    Ran ran = Ran.run(Map.of("JAVA_HOME", home), 60, List.of(link.toString(), "--v=2"))
        .ok();
    assertThat(ran.out()).contains("called as kubelet").contains("arguments: <--v=2>");
  }

  @Test
  void anotherArchitectureIsRefusedByName() throws Exception {
    checkout.script("path/uname", "[ \"$1\" = -m ] && echo aarch64 || echo Linux\n");
    String path = checkout.top().resolve("path") + ":" + System.getenv("PATH");
    Ran ran = checkout.jubelet(Map.of("PATH", path), List.of(), "version");
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("amd64 only").contains("aarch64");
    assertThat(checkout.builds()).isZero();
  }

  @Test
  void anOlderJdkIsPassedOver() throws Exception {
    Path old = checkout.jdk("jdk-21", "21.0.8");
    Path home = checkout.jdk("home/.sdkman/candidates/java/25-tem", "25.0.1");
    Map<String, String> env = Map.of(
        "JAVA_HOME", old.toString(), "HOME", checkout.top().resolve("home").toString());
    Ran ran = checkout.jubelet(env, withoutJdks(), "version").ok();
    assertThat(ran.out()).contains("home " + home);
  }

  @Test
  void withoutAJdkItSaysHowToGetOne() throws Exception {
    Map<String, String> env = Map.of("JAVA_HOME", "", "HOME", directory.toString());
    Ran ran = checkout.jubelet(env, withoutJdks(), "version");
    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.err()).contains("no JDK 25 found").contains("openjdk-25-jdk-headless");
    assertThat(checkout.builds()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "test", "setup", "node", "dockershim", "bench"})
  void whatNeedsRootSaysSoAndWhatDoesNot(String command) throws Exception {
    Ran.run("chmod", "-R", "a+rX", directory.toString()).ok();
    Ran ran = checkout.jubelet(Map.of(), NOBODY, command);
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .contains("'" + command + "' needs root")
        .contains("ps, logs, exec, trace, why, rm");
    assertThat(checkout.builds()).isZero();
  }

  @Test
  void withoutRootABuiltCheckoutOfRootsWorks() throws Exception {
    checkout.jubelet("build").ok();
    Ran.run("chmod", "-R", "a+rX", directory.toString()).ok();
    assertThat(checkout.jubelet(Map.of(), NOBODY, "ps").ok().out()).contains("<ps>");
  }

  @Test
  void withoutRootAnUnbuiltCheckoutOfRootsSaysWhoMayBuildIt() throws Exception {
    Ran.run("chmod", "-R", "a+rX", directory.toString()).ok();
    Ran ran = checkout.jubelet(Map.of(), NOBODY, "ps");
    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.err()).contains("must be built by its owner (root)").contains("./jubelet build");
  }

  /// Hides the machine's own JDKs from the words that follow.
  private static List<String> withoutJdks() {
    return List.of(
        "unshare",
        "--mount",
        "--propagation=private",
        "sh",
        "-c",
        "for d in /usr/lib/jvm /opt; do [ ! -d $d ] || mount -t tmpfs none $d; done; exec \"$@\"",
        "sh");
  }

  /// Everything there is was there a while ago: what is written from now on is newer, whatever the
  /// clock's steps.
  private static void age(Path top) throws Exception {
    FileTime then = FileTime.from(Instant.now().minusSeconds(60));
    Ran.run("find", top.toString(), "-exec", "touch", "-h", "-d", then.toString(), "{}", "+")
        .ok();
  }
}
